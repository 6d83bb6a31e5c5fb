import pg from 'pg';
import { digestOf } from '../chain.js';
import { INBOX_AHEAD_DAYS, INBOX_KEEP_DAYS } from '../inbox.js';
import { storeErrorOf } from '../sql-errors.js';
import type { Metadata } from '../types.js';
import type { ArchiveManifest } from './archive-file.js';

/** An event that may leave its store. */
export interface ArchivableEvent {
  readonly position: string;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  readonly type: string;
  readonly kind: string;
  /** JSON text */
  readonly data: string;
  /** JSON text */
  readonly metadata: string;
  readonly digest: Buffer;
  readonly hash: Buffer;
  readonly xact: string;
  readonly occurredAt: Date;
  /** as Postgres writes it, UTC, with its microseconds: `2026-01-31 12:00:00.123456+00` */
  readonly appendedAt: string;
  /** when its contract's time was over */
  readonly dueAt: Date;
}

/** A service's store. */
export interface Store {
  readonly schema: string;
  readonly service: string;
}

/** How much of a store is looked at in one go. */
export interface BatchLimits {
  readonly rows: number;
  /** of content */
  readonly bytes: number;
}

/** What the role `towpath_archivist` may do. `asOf` (default now) may lie in the past only: nothing goes early. */
export interface Archivist {
  stores(): Promise<Store[]>;
  /** the next events that may go, oldest first, of one day; `after`: the last that was looked at */
  archivable(
    schema: string,
    limits: BatchLimits,
    asOf?: Date,
    after?: Pick<ArchivableEvent, 'appendedAt' | 'position'>,
  ): Promise<ArchivableEvent[]>;
  /** makes stubs of a file's events, all or none; throws `ARCHIVE_REFUSED` */
  archive(schema: string, manifest: ArchiveManifest, positions: readonly string[], asOf?: Date): Promise<void>;
  /** makes the inbox's partitions of the coming days, drops those past their time, keeps their marks; returns how many were dropped */
  keepInbox(schema: string, asOf?: Date): Promise<number>;
  /** of today and the coming days, how many have no partition */
  partitionsMissing(schema: string): Promise<number>;
  /** runs `work` unless another process does the same for this schema: then undefined */
  alone<T>(schema: string, work: () => Promise<T>): Promise<T | undefined>;
  close(): Promise<void>;
}

/** Two keys of an advisory lock; any constant for the first. */
const LOCK_CLASS = 7_230;
/** A batch is a few MB; a statement that takes longer waits for somebody. */
const STATEMENT_MS_MAX = 30_000;
/** The database takes its own clock instead. */
const NOW = new Date(8.64e15);

/** Connects when first used; `url` is `towpath_archivist`'s. */
export function openArchivist({ url }: { url: string }): Archivist {
  const pool = new pg.Pool({
    connectionString: url,
    // One holds the lock, one works.
    max: 2,
    application_name: 'towpath-archivist',
    connectionTimeoutMillis: 5_000,
    query_timeout: STATEMENT_MS_MAX + 2_000,
    idleTimeoutMillis: 5_000,
    options: `-c statement_timeout=${STATEMENT_MS_MAX} -c TimeZone=UTC -c DateStyle=ISO`,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const run = async <Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]): Promise<Row[]> => {
    try {
      return (await pool.query<Row>(text, [...values])).rows;
    } catch (error) {
      throw storeErrorOf(error);
    }
  };
  return {
    stores: () => run<{ schema: string; service: string }>('select schema, service from towpath.stores order by 1', []),
    archivable: (schema, { rows, bytes }, asOf = NOW, after) =>
      run<ArchivableEvent>(archivableText(schema), [
        asOf,
        after?.appendedAt ?? null,
        after?.position ?? null,
        rows,
        bytes,
      ]),
    async archive(schema, { file, day, bytes, sha256 }, positions, asOf = NOW) {
      const values = [asOf, file, day, bytes, Buffer.from(sha256, 'hex'), positions];
      await run(`select ${pg.escapeIdentifier(schema)}.archive_events($1, $2, $3, $4, $5, $6)`, values);
    },
    async keepInbox(schema, asOf = NOW) {
      const [row] = await run<{ dropped: number }>(
        `select ${pg.escapeIdentifier(schema)}.maintain_inbox($1, $2, $3) as dropped`,
        [INBOX_AHEAD_DAYS, INBOX_KEEP_DAYS, asOf],
      );
      return row!.dropped;
    },
    async partitionsMissing(schema) {
      const [row] = await run<{ missing: number }>(MISSING_TEXT, [schema, INBOX_AHEAD_DAYS]);
      return row!.missing;
    },
    alone: (schema, work) => alone(pool, schema, work),
    close: () => pool.end(),
  };
}

/** Whether an event's content is what was appended. What is not is evidence, and stays where `towpath verify` finds it. */
export function isSound(event: ArchivableEvent): boolean {
  const { id, type, stream, occurredAt, digest } = event;
  const [data, metadata] = [JSON.parse(event.data) as unknown, JSON.parse(event.metadata) as Metadata];
  return digestOf({ id, type, stream, occurredAt, data, metadata }).equals(digest);
}

function archivableText(schema: string): string {
  return `select position::text, stream, version::int, id, type, kind, data, metadata, digest, hash, xact::text,
      occurred_at as "occurredAt", appended_at::text as "appendedAt", due_at as "dueAt"
    from ${pg.escapeIdentifier(schema)}.archivable($1, $2, $3, $4, $5)`;
}

const MISSING_TEXT = `select count(*)::int as missing
  from generate_series(0, $2::int) n, to_char((now() at time zone 'UTC')::date + n, 'YYYYMMDD') day
  where not exists (
    select from pg_class c join pg_namespace s on s.oid = c.relnamespace where s.nspname = $1 and c.relname = 'inbox_' || day)`;

async function alone<T>(pool: pg.Pool, schema: string, work: () => Promise<T>): Promise<T | undefined> {
  const client = await lockHolder(pool, schema);
  try {
    return await (client && work());
  } finally {
    await client?.query('select pg_advisory_unlock_all()').then(
      () => client.release(),
      // With the connection the lock goes.
      () => client.release(true),
    );
  }
}

async function lockHolder(pool: pg.Pool, schema: string): Promise<pg.PoolClient | undefined> {
  let client: pg.PoolClient | undefined;
  try {
    client = await pool.connect();
    const { rows } = await client.query<{ held: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) as held', [
      LOCK_CLASS,
      `archive ${schema}`,
    ]);
    if (rows[0]?.held) return client;
    client.release();
    return undefined;
  } catch (error) {
    client?.release(true);
    throw storeErrorOf(error);
  }
}
