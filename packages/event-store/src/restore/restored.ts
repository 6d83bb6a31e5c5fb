import type { DomainEvent, EventStore, Metadata } from '../types.js';

/** An event that was published before the database was set back, for the service that decided it. */
export interface RestoredEvent extends DomainEvent {
  readonly cause: string;
  readonly handler: string;
  /** it stands in the store again */
  readonly imported: boolean;
}

interface Row {
  readonly event_id: string;
  readonly cause: string;
  readonly handler: string;
  readonly stream: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Metadata;
  readonly occurred_at: Date;
  readonly imported: boolean;
}

type Store = Pick<EventStore, 'schema' | 'query'>;

/** True after a restore, until `towpath doctor restore` finds everything in place. */
export async function isRestoring({ query, schema }: Store): Promise<boolean> {
  const rows = await query<object>('is_restoring', `select from ${schema}.restored limit 1`, []);
  return rows.length > 0;
}

/** What these messages had led to. */
export async function restoredBy({ query, schema }: Store, causes: readonly string[]): Promise<RestoredEvent[]> {
  const text = `select r.event_id, r.cause, r.handler, r.stream, r.type, r.data, r.metadata, r.occurred_at, r.imported
    from unnest($1::text[]) as q(cause) cross join lateral (select * from ${schema}.restored n where n.cause = q.cause offset 0) r`;
  return (await query<Row>('restored_by', text, [[...new Set(causes)]])).map(eventOf);
}

/**
 * When the first of a consumer's decisions was made that is not made again yet, leaving out those of these messages and of handlers
 * elsewhere; undefined when none is left.
 */
export async function firstUndecided(
  { query, schema }: Store,
  asked: { readonly consumer: string; readonly except: readonly string[]; readonly elsewhere: readonly string[] },
): Promise<Date | undefined> {
  const text = `select r.occurred_at from ${schema}.restored r
    where r.cause <> all ($2::text[]) and split_part(r.handler, '/', 1) <> all ($3::text[]) and (
      not exists (select from ${schema}.inbox i where i.consumer = $1 and i.event_id = r.cause)
      or exists (select from ${schema}.held h where h.consumer = $1 and h.event_id = r.cause))
    order by r.occurred_at limit 1`;
  const [row] = await query<{ occurred_at: Date }>('first_undecided', text, [
    asked.consumer,
    asked.except,
    asked.elsewhere,
  ]);
  return row?.occurred_at;
}

/** Events that were put back behind a position of the log, in its order. */
export async function importedAfter(
  { query, schema }: Store,
  position: string,
  limit: number,
): Promise<(RestoredEvent & { readonly position: string })[]> {
  const text = `select e.id as event_id, r.cause, r.handler, e.stream, e.type, e.data, e.metadata, e.occurred_at, true as imported,
      e.position::text as position
    from ${schema}.restored r join ${schema}.events e on e.id = r.event_id
    where r.imported and e.position > $1 order by e.position limit $2`;
  const rows = await query<Row & { position: string }>('imported_after', text, [position, limit]);
  return rows.map((row) => ({ ...eventOf(row), position: row.position }));
}

function eventOf({ event_id: id, occurred_at: occurredAt, ...row }: Row): RestoredEvent {
  return { id, occurredAt, ...row };
}
