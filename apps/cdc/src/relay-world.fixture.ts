import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { contracts } from '@towpath/contracts/generated/catalogue';
import { streamOf } from '@towpath/contracts/contract';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { checkpointKey } from '@towpath/event-store/checkpoint';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import type { EventStore, NewEvent } from '@towpath/event-store/types';
import { inspect } from '@towpath/kafka/inspect';
import type { Producer } from '@towpath/kafka/producer';
import { createLogger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { captureMetadata } from './event-row.fixture.js';
import { Relay } from './relay.js';
import { RelayMetrics } from './relay-metrics.js';
import type { RelayTopics } from './relay-topics.js';

/** signs the checkpoints of specs */
const specSeed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60';

const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** The broker of a relay within this process is a stand-in that no one reads. */
const nothingPublished: RelayTopics = {
  extents: () => Promise.resolve([]),
  headersIn: async function* () {},
  lastCheckpoint: () => Promise.resolve(undefined),
  close: () => Promise.resolve(),
};

/** What a record says of the event it carries. */
export interface Published {
  readonly id: string;
  readonly stream: string;
  readonly version: number;
}

/**
 * A database with a store, publication and slot of its own, and relays on it; for integration specs. The service's name
 * is unique, because roles are shared by all databases of the cluster; it appends a platform contract, as any service may.
 */
export class RelayWorld {
  readonly sent: { id: string; stream: string }[] = [];
  private readonly relays = new Set<ChildProcess>();

  private constructor(
    readonly name: string,
    public admin: pg.Client,
    readonly store: EventStore,
    /** of another service */
    readonly other: EventStore,
    readonly brokers: string,
    private readonly adminUrl: string,
  ) {}

  static async create(adminUrl: string, brokers: string): Promise<RelayWorld> {
    const name = `cdc${randomUUID().slice(0, 8)}`;
    const url = databaseUrl(adminUrl, name);
    await setupDatabase({
      adminUrl: url,
      services: [name, `${name}b`],
      contracts: contracts.values(),
      passwords: { [`${name}_service`]: password, [`${name}b_service`]: password },
      slot: name,
      checkpointKey: checkpointKey(specSeed).publicKey,
      schemas: [...contracts.values()].map(({ type, topic }, index) => ({
        type,
        subject: `${topic}-${type}`,
        schemaId: index + 1,
        topicTemplate: topic,
      })),
    });
    const admin = new pg.Client({ connectionString: url });
    await admin.connect();
    const [store, other] = [name, `${name}b`].map((schema) => {
      const storeUrl = Object.assign(new URL(url), { username: `${schema}_service`, password });
      return openStore({ url: storeUrl.href, schema });
    }) as [EventStore, EventStore];
    return new RelayWorld(name, admin, store, other, brokers, adminUrl);
  }

  /** With the relay's rights; its role has no password that a spec could know. */
  get relayUrl(): string {
    return `${databaseUrl(this.adminUrl, this.name)}?options=-c%20role%3Dcdc_service`;
  }

  /** Appends events over the streams, in turn; remembers them once committed. */
  async append(count: number, streams: number): Promise<void> {
    for (let i = 0; i < count; i += 1) {
      const event = this.event(`${this.name}-${i % streams}`);
      await this.store.append([event]);
      this.sent.push(event);
    }
  }

  /** Appends events of 1 kB over three streams, 100 to a transaction. */
  async appendLarge(count: number): Promise<void> {
    for (let done = 0; done < count; done += 100) {
      const events = Array.from({ length: 100 }, (_, i) =>
        this.event(`${this.name}-large-${i % 3}`, { reason: 'x'.repeat(1_000) }),
      );
      await this.store.append(events);
      this.sent.push(...events);
    }
  }

  /** A `ReviewRequested` of this review, not appended. */
  event(reviewId: string, changes: Partial<ReviewRequested> = {}): NewEvent {
    // As it was written before it had more fields; a field with a default may be left out.
    const data = {
      reviewId,
      subjectType: 'payment',
      subjectId: 'pi_1',
      reason: 'score above the limit',
      dueAt: null,
      ...changes,
    };
    return {
      id: randomUUID(),
      stream: streamOf(ReviewRequested, data),
      type: ReviewRequested.type,
      data,
      metadata: captureMetadata,
      occurredAt: new Date(),
    };
  }

  /** Starts the service as a process of its own. */
  startRelay(port: number, logFolder: string, environment: Record<string, string> = {}): ChildProcess {
    mkdirSync(logFolder, { recursive: true });
    const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'dist', 'main.js')], {
      env: {
        PATH: process.env['PATH'],
        NODE_ENV: 'production',
        DATABASE_URL: this.relayUrl,
        KAFKA_BROKERS: this.brokers,
        RELAY_SLOT: this.name,
        CHECKPOINT_KEY: specSeed,
        PORT: String(port),
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const log = createWriteStream(join(logFolder, `relay-${child.pid}.log`));
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    this.relays.add(child);
    return child;
  }

  /** A relay within this process, not started; `send` stands in for Kafka. */
  relay(holder: string, send: Producer['send'], bufferBytesMax = 8_000_000): Relay {
    const relay: Relay = new Relay({
      databaseUrl: this.relayUrl,
      slot: this.name,
      publication: 'towpath',
      holder,
      bufferBytesMax,
      openProducer: () => ({ send, connect: () => Promise.resolve(), abandon: () => undefined }),
      topics: nothingPublished,
      checkpoints: { key: checkpointKey(specSeed), intervalMs: 60_000 },
      metrics: new RelayMetrics(new Metrics('spec'), () => relay.state()),
      logger: createLogger('spec', 'silent').logger,
    });
    return relay;
  }

  /** Stores many events of one type in one transaction, past the append function. */
  async insertMany(count: number, payloadBytes: number): Promise<void> {
    await this.admin.query(
      `insert into ${this.name}.events (stream, version, id, type, kind, data, metadata, digest, hash, occurred_at)
       select 'review-many', n, gen_random_uuid(), $2, 'platform',
         jsonb_build_object('reviewId', 'many', 'subjectType', 'payment', 'subjectId', 'pi', 'reason', repeat('x', $3), 'dueAt', null),
         $4, sha256('x'), sha256('y'), clock_timestamp() from generate_series(1, $1::int) as n`,
      [count, ReviewRequested.type, payloadBytes, captureMetadata],
    );
  }

  /** Ends a relay without any goodbye. */
  async kill(relay: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.relays.delete(relay);
    if (relay.exitCode !== null || relay.signalCode !== null) return;
    relay.kill(signal);
    await once(relay, 'exit');
  }

  /** After its server was away. */
  async reconnect(): Promise<void> {
    this.admin = new pg.Client({ connectionString: databaseUrl(this.adminUrl, this.name) });
    await this.admin.connect();
  }

  /** The slot is gone, and with it what was written since its last confirmation. */
  async dropSlot(): Promise<void> {
    // The server notices a moment later that a relay has hung up.
    await until('the slot to be free', async () => !(await this.isStreaming()));
    await this.admin.query(
      'select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1',
      [this.name],
    );
  }

  /** Ends the server side of the replication connection; how many there were. */
  async cutReplication(): Promise<number> {
    const { rowCount } = await this.admin.query(
      'select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1 and active_pid is not null',
      [this.name],
    );
    return rowCount ?? 0;
  }

  /** Waits until the relay has told the server its position after now: only then could a wrong one do harm. */
  async statusAfterNow(): Promise<void> {
    const now = new Date();
    await until('a status of the relay', async () => {
      const { rowCount } = await this.admin.query(
        `select from pg_stat_replication join pg_replication_slots on active_pid = pid
         where slot_name = $1 and reply_time > $2`,
        [this.name, now],
      );
      return rowCount === 1;
    });
  }

  /** Waits until Kafka has acknowledged, and the slot confirmed, everything that is written now. */
  async expectConfirmed(msMax: number): Promise<void> {
    const { rows } = await this.admin.query<{ lsn: string }>('select pg_current_wal_insert_lsn()::text as lsn');
    await until(
      'the confirmation',
      async () => {
        const { rowCount } = await this.admin.query(
          'select from pg_replication_slots where slot_name = $1 and confirmed_flush_lsn >= $2::pg_lsn',
          [this.name, rows[0]?.lsn],
        );
        return rowCount === 1;
      },
      msMax,
    );
  }

  async isStreaming(): Promise<boolean> {
    const { rows } = await this.admin.query<{ active: boolean }>(
      'select active from pg_replication_slots where slot_name = $1',
      [this.name],
    );
    return rows[0]?.active ?? false;
  }

  /** What the topic holds of this world now, per partition in order; nothing while the broker can't be read. */
  async published(): Promise<Published[]> {
    try {
      return await this.readTopic();
    } catch {
      return [];
    }
  }

  /**
   * Waits until everything appended is on the topic, and holds it to G3: per stream first occurrences rise without gaps,
   * and a repeat is the same message.
   */
  async expectAllPublishedInOrder(): Promise<void> {
    const wanted = new Set(this.sent.map(({ id }) => id));
    let published = await this.published();
    await until('every row on its topic', async () => {
      published = await this.published();
      return new Set(published.map(({ id }) => id)).size >= wanted.size;
    });
    expect(new Set(published.map(({ id }) => id))).toEqual(wanted);
    const versions = new Map<string, string[]>();
    for (const { id, stream, version } of published) {
      const ids = versions.get(stream) ?? [];
      if (version <= ids.length) expect(id).toBe(ids[version - 1]);
      else expect(version).toBe(ids.push(id));
      versions.set(stream, ids);
    }
  }

  private async readTopic(): Promise<Published[]> {
    const found: Published[] = [];
    const records = inspect({
      brokers: [this.brokers],
      clientId: 'relay-spec',
      logger: quiet,
      topic: ReviewRequested.topic,
      from: 'beginning',
    });
    for await (const { headers } of records) {
      if (headers['ce_source'] !== `/services/${this.name}`) continue;
      found.push({
        id: headers['ce_id'] ?? '',
        stream: headers['ce_stream'] ?? '',
        version: Number(headers['ce_sequence']),
      });
    }
    return found;
  }

  /** Ends what it started and drops slot and database. */
  async close(): Promise<void> {
    for (const relay of this.relays) await this.kill(relay);
    await this.store.close();
    await this.other.close();
    await this.dropSlot();
    await this.admin.end();
    const maintenance = new pg.Client({ connectionString: databaseUrl(this.adminUrl, 'postgres') });
    await maintenance.connect();
    await maintenance.query(`drop database ${this.name} with (force)`);
    await maintenance.query(
      `drop role ${['', 'b'].map((x) => `${this.name}${x}_service, ${this.name}${x}_owner`).join(', ')}`,
    );
    await maintenance.end();
  }
}

/** Polls until it holds; fails with what was waited for. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, msMax = 60_000): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${msMax} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const password = 'spec';

function databaseUrl(adminUrl: string, database: string): string {
  return Object.assign(new URL(adminUrl), { pathname: `/${database}` }).href;
}
