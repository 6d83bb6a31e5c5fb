import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Fence, FencedProducer } from '@towpath/kafka/producer';
import type { Logger } from '@towpath/service-kit/logger';
import { catchUp } from './catch-up.js';
import { CheckpointKeeper, type CheckpointOptions } from './checkpoint-keeper.js';
import { changeOf, wantedColumns, type EventRow } from './event-row.js';
import { Lease, type Beat } from './lease.js';
import { parseLsn } from './lsn.js';
import { LsnLedger } from './lsn-ledger.js';
import { OrderedSender, type Outgoing } from './ordered-sender.js';
import { ParkingLot } from './parking.js';
import { PgoutputReader, type ChangedRow } from './pgoutput.js';
import { MarkKeeper } from './mark-keeper.js';
import { recordOf, sizeOf } from './record.js';
import { isRecordFault } from './record-fault.js';
import { Refusal } from './refusal.js';
import type { RelayMetrics, RelayState } from './relay-metrics.js';
import type { RelaySpans } from './relay-spans.js';
import type { RelayTopics } from './relay-topics.js';
import { SlotHealth } from './slot-health.js';
import { releaseStreams } from './release.js';
import { ReplicationStream } from './replication-stream.js';
import { loadSchemaIds, slotState, type SlotState } from './slot.js';
import { checkStore } from './store-check.js';

/** What a relay needs to work. */
export interface RelayOptions {
  /** as a role that may replicate and reads every store */
  readonly databaseUrl: string;
  readonly slot: string;
  readonly publication: string;
  /** names this process in the lease */
  readonly holder: string;
  /** of records on the wire; above it the socket is no longer read, below half of it again */
  readonly bufferBytesMax: number;
  /** the session's own: whoever opens the next one shuts it out */
  openProducer(permitted: Fence['permitted']): Pick<FencedProducer, 'connect' | 'send' | 'abandon'>;
  /** what is published already */
  readonly topics: RelayTopics;
  readonly checkpoints: CheckpointOptions;
  readonly metrics: RelayMetrics;
  /** absent while nothing is traced */
  readonly spans?: RelaySpans | undefined;
  readonly logger: Logger;
}

const statusIntervalMs = 1_000;
const silenceMsMax = 5_000;
const flushBytes = 200_000;
const connectWaitMs = 1_000;
const startNoteBytes = 4n * 1024n * 1024n;

/**
 * One replication connection and everything that hangs on it: reader, ledger, buffer, parking. Nothing of it is reused: a
 * new session starts at the slot's confirmed position, so what this one had read and not published comes again.
 */
export class RelaySession {
  private readonly ledger = new LsnLedger();
  private readonly reader = new PgoutputReader(wantedColumns);
  private readonly sender: OrderedSender;
  private readonly producer: ReturnType<RelayOptions['openProducer']>;
  private readonly closing = new AbortController();
  private readonly health: SlotHealth;
  private readonly marks: MarkKeeper;
  private readonly checkpoints: CheckpointKeeper;
  private reached = false;
  private phase = 'starting the stream';
  private streams = false;
  private flushQueued = false;
  private releasing = false;
  private walEnd = 0n;
  private startNotedAt = 0n;
  private stream: ReplicationStream | undefined;
  private failure: (error: Error) => void = () => undefined;
  private readonly failed = new Promise<Error>((resolve) => (this.failure = resolve));

  private constructor(
    private readonly options: RelayOptions,
    private readonly pool: pg.Pool,
    private readonly lease: Lease,
    private readonly parking: ParkingLot,
    private schemaIds: ReadonlyMap<string, number>,
    private readonly slot: SlotState,
  ) {
    this.health = new SlotHealth(options.logger);
    this.marks = new MarkKeeper({ ...options, pool, lease });
    // Only after the lease is taken: a standby that connected would shut out the holder.
    this.producer = options.openProducer(() => lease.permitted());
    this.checkpoints = new CheckpointKeeper({
      ...{ ...options, pool, lease },
      safeXid: () => this.ledger.safeXid,
      schemaIds: () => this.schemaIds,
      send: (records) => this.producer.send(records),
      onSigned: (leaves) => options.metrics.checkpointSigned(leaves),
    });
    this.sender = new OrderedSender({
      send: (records) => this.producer.send(records),
      permitted: () => lease.permitted(),
      isHeld: (row) => parking.holds(row),
      divert: (outgoing, cause) => this.divert(outgoing, cause),
      isRecordFault,
      onFailed: (error) => this.failure(error),
      onAcknowledged: (rows) => {
        options.metrics.rowsPublished(rows);
        this.marks.published();
      },
      onProgress: () => this.resumeWhenRoomy(),
      logger: options.logger,
    });
  }

  /** Takes the lease and checks what set-up made; `begin` starts the stream. */
  static async start(options: RelayOptions): Promise<RelaySession> {
    const pool = openPool(options.databaseUrl);
    let session: RelaySession | undefined;
    let lease: Lease | undefined;
    // Without a listener an idle connection that breaks would end the process.
    pool.on('error', (error) => session?.failure(error));
    try {
      const schemaIds = await loadSchemaIds(pool);
      lease = await Lease.take(pool, options.holder, options.slot);
      const slot = await slotState(pool, options.slot, options.publication);
      const parking = await ParkingLot.load(pool, options.logger, (error) => session?.failure(error));
      session = new RelaySession(options, pool, lease, parking, schemaIds, slot);
      return session;
    } catch (error) {
      await lease?.release().catch(() => undefined);
      await pool.end();
      throw error;
    }
  }

  /** Resolves with the reason when the session can't go on. */
  ended(): Promise<Error> {
    return this.failed;
  }

  /** Write-ahead log that is not confirmed, as of the last beat. */
  get lagBytes(): number {
    const confirmed = this.ledger.confirmed || ('confirmed' in this.slot ? this.slot.confirmed : this.walEnd);
    return this.walEnd < confirmed ? 0 : Number(this.walEnd - confirmed);
  }

  /** When the last heartbeat was made before which all is published, by the database's clock; undefined before the first. */
  get publishedUntil(): number | undefined {
    return this.ledger.beatAt;
  }

  /** Room of the slot and age of the oldest open transaction, as of the last beat. */
  get slotState(): Pick<RelayState, 'slotRetainedBytes' | 'slotSafeBytes' | 'slotUsedShare' | 'oldestTransactionMs'> {
    return {
      slotRetainedBytes: this.health.retainedBytes,
      slotSafeBytes: this.health.safeBytes,
      slotUsedShare: this.health.usedShare,
      oldestTransactionMs: this.health.oldestAgeMs(performance.now()),
    };
  }

  get bufferedBytes(): number {
    return this.sender.bufferedBytes;
  }

  get parkedStreams(): number {
    return this.parking.streams;
  }

  /** What it does before rows flow; undefined while they do. */
  get beginning(): string | undefined {
    return this.streams ? undefined : this.phase;
  }

  get catchingUp(): boolean {
    return !this.streams && 'lost' in this.slot;
  }

  /** False when the lease could not be renewed: nothing is published, and another relay may have taken over. */
  get leaseFresh(): boolean {
    return this.lease.fresh;
  }

  /** A broker has answered this session. */
  get kafkaReached(): boolean {
    return this.reached;
  }

  /** Sends that failed since the last that succeeded. */
  get sendFailures(): number {
    return this.sender.consecutiveFailures;
  }

  /** Before an orderly stop: signs what is new. */
  finish(): Promise<void> {
    return this.checkpoints.finish();
  }

  /** Drops the buffer and hangs up; confirms what is acknowledged and gives the lease back when Postgres still listens. */
  async close(): Promise<void> {
    this.closing.abort();
    this.marks.stop();
    this.checkpoints.stop();
    this.sender.stop();
    this.producer.abandon();
    this.stream?.close();
    await this.lease.release().catch(() => undefined);
    await this.pool.end();
  }

  /**
   * Holds the stores against what is published, publishes what a lost slot has left out, if one was lost, and starts the
   * stream.
   * @throws StoreBehind when the database was set back
   */
  async begin(): Promise<void> {
    const { databaseUrl, slot, publication } = this.options;
    this.lease.keep(
      () => ({
        ...{ slot, confirmed: this.ledger.confirmed, safeXid: this.ledger.safeXid },
        startNoteDue: this.isStartNoteDue(),
      }),
      (beat) => this.onBeat(beat),
      (error) => this.failure(error),
    );
    void this.connectProducer();
    await this.compareWithTopics();
    if ('lost' in this.slot) await this.catchUp(this.slot.lost);
    this.stream = await ReplicationStream.open(
      { url: databaseUrl, slot, publication, statusIntervalMs, silenceMsMax },
      {
        onMessage: (bytes, offset) => this.onMessage(bytes, offset),
        onKeepalive: (end) => this.ledger.keepalive(end),
        confirmed: () => this.ledger.confirmed,
      },
    );
    void this.stream.ended.then((reason) => this.failure(reason));
    this.streams = true;
    this.marks.start((error) => this.failure(error));
    this.checkpoints.start((error) => this.failure(error));
  }

  private async compareWithTopics(): Promise<void> {
    const { pool, lease, options } = this;
    this.phase = 'holding the stores against the topics';
    await checkStore({ pool, lease, ...options });
    this.phase = 'starting the stream';
  }

  private async catchUp(reason: string): Promise<void> {
    const { pool, lease, options } = this;
    const { databaseUrl, slot, publication, logger } = options;
    logger.warn({ slot, code: 'SLOT_LOST', reason, alert: true }, 'relay.slot_lost: catching up from the tables');
    await catchUp({
      ...{ pool, lease, databaseUrl, slot, publication, logger },
      publish: (rows) => this.publishAll(rows),
      onProgress: (text) => (this.phase = `catching up after SLOT_LOST (${reason}): ${text}`),
      signal: this.closing.signal,
    });
  }

  /** Resolves when each row is acknowledged or parked; never when the session ends before. */
  private async publishAll(rows: readonly EventRow[]): Promise<void> {
    const settled = rows.map((row) => new Promise<void>((resolve) => this.publish(row, resolve)));
    this.sender.flush();
    await Promise.all(settled);
    this.options.metrics.rowsCaughtUp(rows.length);
  }

  /** Before there is something to send, so that the first event need not wait and the one before is shut out at once. */
  private async connectProducer(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted && !this.reached) {
      try {
        await this.lease.permitted();
        await this.producer.connect();
        this.reached = true;
      } catch (error) {
        this.options.logger.warn({ reason: (error as Error).message }, 'relay.no_broker');
        await sleep(connectWaitMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private onMessage(bytes: Buffer, offset: number): void {
    const message = this.reader.read(bytes, offset);
    if (message.tag === 'row') this.onRow(message.row);
    else if (message.tag === 'begin') this.ledger.begin();
    else if (message.tag === 'commit') {
      this.ledger.commit(message.end);
      this.flushSoon();
    }
  }

  private onRow(changed: ChangedRow): void {
    const change = changeOf(changed);
    if (change.tag === 'event') {
      const transaction = this.ledger.row();
      this.publish(change.row, () => this.ledger.acknowledge(transaction));
    } else if (change.tag === 'heartbeat') this.ledger.heartbeat(change);
    else if (change.tag === 'tampered') this.alertTampered(change.row);
  }

  private publish(row: EventRow, settled: () => void): void {
    if (this.parking.holds(row)) return this.parkBehind(row, settled);
    try {
      const record = recordOf(row, this.schemaIds);
      const traced = this.options.spans?.send(record);
      this.sender.add({
        row,
        record: traced?.record ?? record,
        bytes: sizeOf(record),
        settled(outcome) {
          traced?.settled(outcome);
          settled();
        },
      });
    } catch (error) {
      // Whatever it is, the row would bring it again: thrown on, it would stop every stream and not only its own.
      this.park(row, error instanceof Refusal ? error : new Refusal('UNPUBLISHABLE', String(error)), settled);
    }
    this.keepFlowing();
  }

  /** A transaction may be larger than the buffer: its rows go out before its commit was read. */
  private keepFlowing(): void {
    if (this.sender.bufferedBytes > flushBytes) this.flushSoon();
    if (this.sender.bufferedBytes > this.options.bufferBytesMax) this.stream?.pause();
  }

  /** Commits of one chunk share a send: it starts when the whole chunk has been read. */
  private flushSoon(): void {
    if (this.flushQueued) return;
    this.flushQueued = true;
    queueMicrotask(() => {
      this.flushQueued = false;
      this.sender.flush();
    });
  }

  private park(row: EventRow, refusal: Refusal, settled: () => void): void {
    this.parking.park(row, refusal, settled);
    this.options.metrics.rowParked(refusal.code);
  }

  private parkBehind(row: EventRow, settled: () => void): void {
    this.parking.parkBehind(row, settled);
    this.options.metrics.rowParked('BEHIND_PARKED');
  }

  private divert({ row, settled }: Outgoing, cause: Error | undefined): void {
    const parked = (): void => settled('parked');
    if (cause) this.park(row, new Refusal('BROKER_REFUSED', cause.message), parked);
    else this.parkBehind(row, parked);
    this.resumeWhenRoomy();
  }

  private resumeWhenRoomy(): void {
    if (this.stream?.isPaused && this.sender.bufferedBytes < this.options.bufferBytesMax / 2) this.stream.resume();
  }

  /** Asked once per beat; true when the log has grown enough since it last was. */
  private isStartNoteDue(): boolean {
    if (this.walEnd - this.startNotedAt < startNoteBytes) return false;
    this.startNotedAt = this.walEnd;
    return true;
  }

  private onBeat({ walEnd, releasesWanted, slot }: Beat): void {
    this.walEnd = parseLsn(walEnd);
    this.health.observe(slot, performance.now());
    if (!releasesWanted || this.releasing) return;
    this.releasing = true;
    releaseStreams({
      pool: this.pool,
      parking: this.parking,
      schemaIds: async () => (this.schemaIds = await loadSchemaIds(this.pool)),
      enqueue: (outgoing) => this.sender.add(outgoing),
      flush: () => this.sender.flush(),
      logger: this.options.logger,
    })
      .catch((error: unknown) => this.failure(error as Error))
      .finally(() => (this.releasing = false));
  }

  private alertTampered({ schema, stream, version, id, type }: EventRow): void {
    this.options.metrics.historyChanged();
    this.options.logger.error(
      { event_id: id, event_type: type, schema, stream, version, alert: true },
      'relay.history_changed: a stored event was updated past its append-only trigger; run `towpath verify`',
    );
  }
}

/** A query that outlives the lease is of no use: the session then starts anew. */
function openPool(connectionString: string): pg.Pool {
  return new pg.Pool({
    connectionString,
    max: 3,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    keepAlive: true,
    idleTimeoutMillis: 60_000,
    allowExitOnIdle: true,
  });
}
