import pg from 'pg';
import { storedEvents, type EventsAsked } from './inspect-events.js';
import { bytesOf, eventColumns, storedEventOf } from './rows.js';
import { textRowsOf, type Queryable } from './text-rows.js';
import type { StoredEvent } from './types.js';
import { chainMismatches } from './verify-store.js';
import type { Mismatch } from './verify.js';

const rowsMax = 1_000;

/** An event and the service whose store holds it. */
export interface InspectedEvent extends StoredEvent {
  readonly schema: string;
}

/** A message in a service's inbox. */
export interface Delivery {
  readonly schema: string;
  readonly consumer: string;
  readonly eventId: string;
  readonly day: string;
  readonly fingerprint: Buffer;
  readonly receivedAt: Date;
  /** how often it came again */
  readonly repeats: number;
}

/** Reads over all stores, for tools. Answers hold at most 1,000 rows; personal data stays encrypted. */
export interface Inspector {
  schemas(): Promise<string[]>;
  eventById(id: string): Promise<InspectedEvent | undefined>;
  /** one story, oldest first, causes before their effects */
  eventsByCorrelation(correlationId: string): Promise<InspectedEvent[]>;
  /** what the event led to, directly */
  effects(eventId: string): Promise<InspectedEvent[]>;
  /** the chain of causes, nearest first, as far as stores hold it; the first cause (a delivery) is in no store */
  causes(eventId: string): Promise<InspectedEvent[]>;
  /** newest first */
  recent(options: { schema?: string; type?: string; limit: number }): Promise<InspectedEvent[]>;
  deliveries(options: { schema: string; eventId?: string; limit: number }): Promise<Delivery[]>;
  /** any number of events of one store, oldest first */
  events(asked: EventsAsked): AsyncGenerator<StoredEvent>;
  projectionRow(schema: string, name: string, key: string): Promise<unknown>;
  /** every stream of a store, or one; yields mismatches as they are found */
  verify(options: { schema: string; stream?: string }): AsyncGenerator<Mismatch>;
  /** what it reads with, as `towpath_reader` */
  readonly client: Queryable;
  /** read-only SQL as `towpath_reader` */
  query<Row>(text: string, values: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

type Row = readonly (string | null)[];

/** Opens a reader; `url` is `towpath_reader`'s. */
export function openInspector(options: { url: string }): Inspector {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: 2,
    connectionTimeoutMillis: 5_000,
    options: '-c default_transaction_read_only=on -c TimeZone=UTC -c DateStyle=ISO -c statement_timeout=60000',
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const run = textRowsOf(pool);
  const schemas = async () =>
    (await run('select schema from towpath.stores order by schema', [])).map((row) => row[0]!);
  const events: EventQuery = async (where, values, options = {}) => {
    const stores = (await schemas()).filter((schema) => options.only === undefined || schema === options.only);
    return stores.length === 0 ? [] : (await run(eventsText(stores, where, options.newest), values)).map(inspectedOf);
  };
  const eventById = async (id: string) => (isUuid(id) ? (await events('e.id = $1', [id]))[0] : undefined);
  return {
    schemas,
    eventById,
    eventsByCorrelation: (correlationId) => events("e.metadata ->> 'correlationId' = $1", [correlationId]),
    effects: async (eventId) => {
      // A delivery is in no store; its id is that of its story.
      const story = (await eventById(eventId))?.metadata.correlationId ?? eventId;
      return events("e.metadata ->> 'correlationId' = $1 and e.metadata ->> 'causationId' = $2", [story, eventId]);
    },
    causes: (eventId) => causesOf(eventById, eventId),
    recent: ({ schema, type, limit }) =>
      events('e.type = coalesce($1, e.type)', [type ?? null], {
        newest: limit,
        ...(schema === undefined ? {} : { only: schema }),
      }),
    deliveries: (asked) => deliveries(run, asked),
    events: (asked) => storedEvents(run, asked),
    async projectionRow(schema, name, key) {
      const [row] = await run(
        `select state from ${pg.escapeIdentifier(schema)}.projections where name = $1 and key = $2`,
        [name, key],
      );
      return row ? (JSON.parse(row[0]!) as unknown) : undefined;
    },
    verify: (asked) => chainMismatches(run, asked),
    client: pool,
    query: async <R>(text: string, values: readonly unknown[]) =>
      (await pool.query({ text, values: [...values] })).rows as R[],
    close: () => pool.end(),
  };
}

type EventQuery = (
  where: string,
  values: readonly unknown[],
  options?: { only?: string; newest?: number },
) => Promise<InspectedEvent[]>;

/** The matching events of the stores in causal order, or the `newest` of them, newest first. */
function eventsText(stores: readonly string[], where: string, newest: number | undefined): string {
  const limit = Math.min(newest ?? rowsMax, rowsMax);
  const parts = stores.map((schema) => {
    const rows = `select '${schema}' as schema, ${eventColumns('e')} from ${schema}.events e where ${where}`;
    // Each store gives its newest by its own index; only those few are sorted together.
    return newest === undefined ? rows : `(${rows} order by e.position desc limit ${limit})`;
  });
  const order =
    newest === undefined
      ? "occurred_at, (metadata ->> 'hops')::int, schema, position"
      : "occurred_at desc, (metadata ->> 'hops')::int desc, position desc";
  return `select * from (${parts.join(' union all ')}) e order by ${order} limit ${limit}`;
}

function inspectedOf(row: Row): InspectedEvent {
  return { schema: row[0]!, ...storedEventOf(row, 1) };
}

const hopsMax = 64;

async function causesOf(eventById: Inspector['eventById'], eventId: string): Promise<InspectedEvent[]> {
  const causes: InspectedEvent[] = [];
  let current = await eventById(eventId);
  while (current && causes.length < hopsMax) {
    // An archived event's cause is in its file.
    current = current.archived ? undefined : await eventById(current.metadata.causationId);
    if (current) causes.push(current);
  }
  return causes;
}

async function deliveries(
  run: (text: string, values: readonly unknown[]) => Promise<Row[]>,
  asked: { schema: string; eventId?: string; limit: number },
): Promise<Delivery[]> {
  const rows = await run(
    `select consumer, event_id, day, fingerprint, received_at, repeats from ${pg.escapeIdentifier(asked.schema)}.inbox
     where event_id = coalesce($1, event_id) order by received_at desc limit $2`,
    [asked.eventId ?? null, Math.min(asked.limit, rowsMax)],
  );
  return rows.map((row) => ({
    schema: asked.schema,
    consumer: row[0]!,
    eventId: row[1]!,
    day: row[2]!,
    fingerprint: bytesOf(row[3]!),
    receivedAt: new Date(row[4]!),
    repeats: Number(row[5]),
  }));
}

function isUuid(id: string): boolean {
  return /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(id);
}
