import pg from 'pg';
import type { Duplex } from 'node:stream';
import { readKeepalive, standbyStatus } from './standby-status.js';

/** What the stream tells, and asks. */
export interface StreamEvents {
  /** one pgoutput message, starting at `offset`; `bytes` are only valid during the call */
  onMessage(bytes: Buffer, offset: number): void;
  onKeepalive(end: bigint): void;
  /** the position that may be confirmed now; asked before each status */
  confirmed(): bigint;
}

export interface StreamOptions {
  readonly url: string;
  readonly slot: string;
  readonly publication: string;
  /** how often the status is sent; also sent whenever the server asks */
  readonly statusIntervalMs: number;
  /** a connection that says nothing for so long is given up */
  readonly silenceMsMax: number;
}

/** pg keeps its protocol connection to itself; these parts of it have been stable since version 7. */
interface ProtocolConnection {
  readonly stream: Duplex;
  on(event: 'copyData', listener: (message: { chunk: Buffer }) => void): void;
  once(event: 'replicationStart', listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

const walData = 0x77; // w
const keepalive = 0x6b; // k
/** kind, start, end, time */
const walDataHeaderBytes = 25;

/**
 * One logical replication connection over plain `pg`: never reused, and never confirming by itself. The ready-made
 * LogicalReplicationService confirms what it has received, from a timer and on a second subscribe; here a status only
 * ever carries what `confirmed()` says.
 */
export class ReplicationStream {
  /** settles when the stream is over, with the reason; never rejects */
  readonly ended: Promise<Error>;
  private end: (reason: Error) => void = () => undefined;
  private readonly connection: ProtocolConnection;
  private lastHeardAt = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private paused = false;

  private constructor(
    private readonly client: pg.Client,
    private readonly options: StreamOptions,
    private events: StreamEvents,
  ) {
    this.connection = (client as unknown as { connection: ProtocolConnection }).connection;
    this.ended = new Promise((resolve) => (this.end = resolve));
    client.on('error', (error) => this.fail(error));
    client.on('end', () => this.fail(new Error('the replication connection was closed')));
  }

  /** Connects and starts at the slot's confirmed position. Rejects when the slot is missing or in use. */
  static async open(options: StreamOptions, events: StreamEvents): Promise<ReplicationStream> {
    const client = new pg.Client(replicationConfig(options.url));
    const stream = new ReplicationStream(client, options, events);
    try {
      await client.connect();
      await stream.start();
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  /** Stops reading the socket; statuses go on, so the server does not hang up. */
  pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.connection.stream.pause();
  }

  resume(): void {
    if (!this.paused) return;
    this.paused = false;
    this.lastHeardAt = performance.now();
    this.connection.stream.resume();
  }

  get isPaused(): boolean {
    return this.paused;
  }

  /** Sends the status now. */
  confirm(replyWanted = false): void {
    this.connection.sendCopyFromChunk(standbyStatus(this.events.confirmed(), Date.now(), replyWanted));
  }

  /** Confirms a last time and hangs up. No event comes after it. */
  close(): void {
    const { stream } = this.connection;
    if (this.timer) {
      this.confirm();
      stream.end();
    }
    this.over(new Error('closed'));
    setTimeout(() => stream.destroy(), goodbyeMs).unref();
  }

  private async start(): Promise<void> {
    const { slot, publication, statusIntervalMs } = this.options;
    this.connection.on('copyData', ({ chunk }) => this.receive(chunk));
    const started = new Promise<void>((resolve) => this.connection.once('replicationStart', resolve));
    const command = `START_REPLICATION SLOT ${pg.escapeIdentifier(slot)} LOGICAL 0/0 (proto_version '1', publication_names ${pg.escapeLiteral(pg.escapeIdentifier(publication))})`;
    const over = this.client.query(command).then(
      () => this.fail(new Error('the server ended the replication stream')),
      (error: unknown) => {
        this.fail(error as Error);
        throw error;
      },
    );
    await Promise.race([started, over]);
    over.catch(() => undefined);
    this.timer = setInterval(() => this.tick(), statusIntervalMs);
    this.confirm(true);
  }

  private receive(chunk: Buffer): void {
    this.lastHeardAt = performance.now();
    try {
      if (chunk[0] === walData) this.events.onMessage(chunk, walDataHeaderBytes);
      else if (chunk[0] === keepalive) this.answer(chunk);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private answer(chunk: Buffer): void {
    const { end, replyWanted } = readKeepalive(chunk);
    this.events.onKeepalive(end);
    if (replyWanted) this.confirm();
  }

  private tick(): void {
    const silentMs = performance.now() - this.lastHeardAt;
    if (!this.paused && silentMs > this.options.silenceMsMax) {
      this.fail(new Error(`Postgres said nothing for ${Math.round(silentMs)} ms`));
      return;
    }
    this.confirm(true);
  }

  /** The socket is destroyed rather than ended, because a server that is gone answers no goodbye. */
  private fail(reason: Error): void {
    this.over(reason);
    this.connection.stream.destroy();
  }

  /** The rest of a chunk is still handed out after the end; nobody may hear it, or it would be confirmed later. */
  private over(reason: Error): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.events = silent;
    this.end(reason);
  }
}

const silent: StreamEvents = { onMessage: () => undefined, onKeepalive: () => undefined, confirmed: () => 0n };
const goodbyeMs = 500;

/**
 * The text forms that the row reader takes, whatever the server's defaults; a relay that hangs loses its slot after 3 s.
 * Options of the URL come last in pg and would replace these, so both are joined.
 */
function replicationConfig(url: string): pg.ClientConfig & { replication: string } {
  const address = new URL(url);
  const own = address.searchParams.get('options') ?? '';
  address.searchParams.set('options', `${own} -c timezone=UTC -c datestyle=ISO -c wal_sender_timeout=3s`.trim());
  return { connectionString: address.href, replication: 'database', connectionTimeoutMillis: 5_000, keepAlive: true };
}
