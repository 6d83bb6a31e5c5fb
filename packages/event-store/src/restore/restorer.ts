import pg from 'pg';
import type { NewEvent } from '../types.js';
import { differences, incarnationText, type Difference, type PublishedEvent } from '../published.js';
import { commitGroupStatement, groupValues } from '../commit-group.js';
import { canonicalJson } from '../canonical-json.js';
import { storeErrorOf } from '../sql-errors.js';
import type { DomainEvent } from '../types.js';
import type { StreamHead } from './stream-tail.js';

/** Up to where a relay had held topics against this database, when its state was written. */
export interface RestorePoint {
  /** by topic and partition */
  readonly offsets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** null before anything was published */
  readonly at: Date | null;
  /** no relay has accepted the database since it was set back */
  readonly setBack: boolean;
}

/** An event to put back, with the hash that it had. */
export interface ImportedEvent extends DomainEvent {
  readonly version: number;
  readonly digest: Buffer;
  readonly hash: Buffer;
}

/** An event that topics hold and the store did not: what the owner's decision has to come to, or already stands. */
export interface ExpectedEvent extends DomainEvent {
  readonly version: number;
  readonly imported: boolean;
}

/** Puts events back into stores, with the rights of set-up's role: no service may. Each call is one transaction. */
export class Restorer {
  private constructor(private readonly pool: pg.Pool) {}

  /** @param adminUrl of the role that runs set-up */
  static open(adminUrl: string): Restorer {
    const pool = new pg.Pool({
      connectionString: adminUrl,
      max: 2,
      connectionTimeoutMillis: 5_000,
      query_timeout: 60_000,
    });
    pool.on('error', () => undefined);
    return new Restorer(pool);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  async restorePoint(slot: string): Promise<RestorePoint> {
    const { rows } = await this.pool.query<{ offsets: RestorePoint['offsets']; at: Date | null; current: boolean }>(
      `select coalesce(published, '{}') as offsets, published_at as at, coalesce(incarnation = ${incarnationText}, false) as current
       from cdc.progress where slot = $1`,
      [slot],
    );
    return { offsets: rows[0]?.offsets ?? {}, at: rows[0]?.at ?? null, setBack: rows[0]?.current !== true };
  }

  /** Service by schema, for every store. */
  async stores(): Promise<Map<string, string>> {
    const { rows } = await this.pool.query<{ schema: string; service: string }>(
      'select schema, service from towpath.stores',
    );
    return new Map(rows.map(({ schema, service }) => [schema, service]));
  }

  async schemaIds(): Promise<Map<string, number>> {
    const { rows } = await this.pool.query<{ type: string; schema_id: number }>(
      'select type, schema_id from towpath.schemas',
    );
    return new Map(rows.map(({ type, schema_id }) => [type, schema_id]));
  }

  differences<E extends PublishedEvent>(schema: string, events: readonly E[]): Promise<(readonly [E, Difference])[]> {
    return differences(this.pool, schema, events);
  }

  /** Where streams of a store end; those it does not have are absent. */
  async heads(schema: string, streams: readonly string[]): Promise<Map<string, StreamHead>> {
    const { rows } = await this.pool.query<{ stream: string; version: string; hash: Buffer }>(
      `select q.stream, h.version, h.hash from unnest($1::text[]) as q(stream) cross join lateral (
         select e.version, e.hash from ${pg.escapeIdentifier(schema)}.events e where e.stream = q.stream
         order by e.version desc limit 1) h`,
      [streams],
    );
    return new Map(rows.map(({ stream, version, hash }) => [stream, { version: Number(version), hash }]));
  }

  /** Types that the store's service may append. */
  async emits(schema: string): Promise<Set<string>> {
    const { rows } = await this.pool.query<{ type: string }>(`select type from ${pg.escapeIdentifier(schema)}.emits`);
    return new Set(rows.map(({ type }) => type));
  }

  /** How many of these subjects of personal data have no key in the vault, so that what names them can't be read any more. */
  async subjectsWithoutKey(subjects: readonly string[]): Promise<number> {
    const { rows } = await this.pool.query<{ missing: string }>(
      `select count(*) as missing from unnest($1::text[]) as q(subject)
       where not exists (select from vault.keys k where k.subject = q.subject)`,
      [[...new Set(subjects)]],
    );
    return Number(rows[0]?.missing ?? 0);
  }

  /**
   * Puts events, all of one stream and in order, back behind `after`, and notes them for the service. The database computes
   * each hash anew. Throws `VERSION_CONFLICT`, `CHAIN_BROKEN`, `TYPE_NOT_EMITTED`, and `EVENT_ID_TAKEN`; then nothing is written.
   */
  async import(schema: string, after: number, events: readonly ImportedEvent[]): Promise<void> {
    const [first] = events;
    if (!first) return;
    await this.transaction(async (client) => {
      await client.query(`select ${pg.escapeIdentifier(schema)}.import_events($1, $2, $3, $4, $5, $6, $7, $8, $9)`, [
        first.stream,
        after,
        events.map(({ id }) => id),
        events.map(({ type }) => type),
        `[${events.map(({ data }) => canonicalJson(data)).join(',')}]`,
        `[${events.map(({ metadata }) => canonicalJson(metadata)).join(',')}]`,
        events.map(({ digest }) => digest),
        events.map(({ hash }) => hash),
        events.map(({ occurredAt }) => occurredAt),
      ]);
      await note(
        client,
        schema,
        events.map((event) => ({ ...event, imported: true })),
      );
    });
  }

  /** Notes what the service has to come to when it decides the causes again. */
  async expect(schema: string, events: readonly ExpectedEvent[]): Promise<void> {
    await this.transaction((client) => note(client, schema, events));
  }

  /** How many events a service has to look at while it decides again; none at any other time. */
  async noted(schema: string): Promise<number> {
    const { rows } = await this.pool.query<{ noted: string }>(
      `select count(*) as noted from ${pg.escapeIdentifier(schema)}.restored`,
    );
    return Number(rows[0]?.noted ?? 0);
  }

  /** Nothing is expected any more. */
  async settle(schema: string): Promise<void> {
    await this.pool.query(`delete from ${pg.escapeIdentifier(schema)}.restored`);
  }

  /** Appends to the end of a stream of a service that does not run, as its owner. */
  async append(schema: string, event: NewEvent): Promise<void> {
    const { text } = commitGroupStatement(pg.escapeIdentifier(schema));
    await this.pool.query(text, groupValues({ consumer: '', events: [event] }));
  }

  /** What topics hold up to these offsets counts as held here, whatever the stores say. */
  async acceptUpTo(slot: string, offsets: RestorePoint['offsets']): Promise<void> {
    await this.pool.query(
      `update cdc.progress set published = $2::jsonb, published_at = clock_timestamp(), incarnation = ${incarnationText},
         behind = null where slot = $1`,
      [slot, JSON.stringify(offsets)],
    );
  }

  private async transaction(work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      await work(client);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw storeErrorOf(error);
    } finally {
      client.release();
    }
  }
}

async function note(client: pg.PoolClient, schema: string, events: readonly ExpectedEvent[]): Promise<void> {
  await client.query(
    `insert into ${pg.escapeIdentifier(schema)}.restored
       (event_id, cause, handler, stream, version, type, data, metadata, occurred_at, imported)
     select id, metadata ->> 'causationId', metadata ->> 'handler', stream, version, type, data, metadata, occurred_at, imported
     from jsonb_to_recordset($1::jsonb) as e(id uuid, stream text, version bigint, type text, data jsonb, metadata jsonb, occurred_at timestamptz,
       imported boolean)
     on conflict (event_id) do update set imported = excluded.imported`,
    [
      JSON.stringify(
        events.map(({ id, stream, version, type, data, metadata, occurredAt, imported }) => {
          return { id, stream, version, type, data, metadata, occurred_at: occurredAt, imported };
        }),
      ),
    ],
  );
}
