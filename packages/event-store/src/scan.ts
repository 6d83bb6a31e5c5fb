import type { EventStore } from './types.js';

/** An event as a search finds it; its pii fields are ciphertext. */
export interface FoundEvent {
  /** its place in the order of appending */
  readonly position: number;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly correlationId: string;
  readonly occurredAt: Date;
}

/** What a search looks for. */
export interface Sought {
  readonly types: readonly string[];
  /** field of the data, on the top level */
  readonly field: string;
  /** the field's value is one of these texts, or is that of another field of the same event */
  readonly oneOf: readonly string[] | { readonly field: string };
  /** ends the search between two reads */
  readonly signal?: AbortSignal;
}

/** What one read may look at: it must end far below the store's limit of 10 s. */
const POSITIONS_PER_READ = 50_000;

/**
 * Every event of the store that is of one of the types and says one of the values, in the order of appending. There is no index on what events
 * say: it reads the whole store in pieces by position, for what is rare enough to wait. Events appended meanwhile may be missed.
 * Throws the signal's reason when it is aborted.
 */
export async function* scanEvents(store: Pick<EventStore, 'query'>, sought: Sought): AsyncGenerator<FoundEvent> {
  const [top] = await store.query<{ last: string | null }>(
    'last_position',
    'select max(position) as last from events',
    [],
  );
  const last = Number(top?.last ?? 0);
  for (let after = 0; after < last; after += POSITIONS_PER_READ) {
    sought.signal?.throwIfAborted();
    yield* await read(store, sought, after);
  }
}

async function read(
  store: Pick<EventStore, 'query'>,
  { types, field, oneOf }: Sought,
  after: number,
): Promise<FoundEvent[]> {
  const values = 'field' in oneOf ? null : oneOf;
  const other = 'field' in oneOf ? oneOf.field : null;
  const rows = await store.query<Omit<FoundEvent, 'position'> & { position: string }>(
    'scan_events',
    `select position, type, data, metadata ->> 'correlationId' as "correlationId", occurred_at as "occurredAt" from events
     where position > $1 and position <= $2 and type = any ($3) and (data ->> $4 = any ($5) or data ->> $4 = data ->> $6) order by position`,
    [after, after + POSITIONS_PER_READ, types, field, values, other],
  );
  return rows.map((row) => ({ ...row, position: Number(row.position) }));
}
