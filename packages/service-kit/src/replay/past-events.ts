import type { EventStore, Metadata } from '@towpath/event-store/types';

/** An event as a replay reads it. */
export interface PastEvent {
  readonly position: string;
  readonly id: string;
  readonly stream: string;
  readonly type: string;
  readonly data: unknown;
  readonly metadata: Metadata;
  readonly occurredAt: Date;
  readonly xact: string;
  /** its content is in the archive */
  readonly archived?: true;
}

interface Row extends Omit<PastEvent, 'occurredAt' | 'archived'> {
  readonly occurred_at: Date;
}

type Store = Pick<EventStore, 'schema' | 'query'>;

const COLUMNS = 'position, id, stream, type, data, metadata, occurred_at, xact::text as xact';
const PAGE = 2_000;

/** What the service appended in a story, in the order of its log. */
export async function eventsOfStory({ query, schema }: Store, story: string): Promise<PastEvent[]> {
  const text = `select ${COLUMNS} from ${schema}.events where metadata ->> 'correlationId' = $1 order by position`;
  return (await query<Row>('replay_story', text, [story])).map(eventOf);
}

/** What was appended in these transactions, in the order of the log. */
export async function eventsOfTransactions({ query, schema }: Store, range: Range, xact: string): Promise<PastEvent[]> {
  const text = `select ${COLUMNS} from ${schema}.events where position between $1 and $2 and xact = $3::xid8 order by position`;
  return (await query<Row>('replay_transaction', text, [range.from, range.to, xact])).map(eventOf);
}

/** Positions that one transaction's events can have. */
export interface Range {
  readonly from: string;
  readonly to: string;
}

/** Every event before a position, a page at a time. */
export async function* eventsBefore({ query, schema }: Store, position: string): AsyncGenerator<PastEvent> {
  const text = `select ${COLUMNS} from ${schema}.events where position > $1 and position < $2 order by position limit ${PAGE}`;
  let after = '0';
  for (;;) {
    const events = (await query<Row>('replay_before', text, [after, position])).map(eventOf);
    yield* events;
    if (events.length < PAGE) return;
    after = events.at(-1)!.position;
  }
}

/** Where the log stood when a message came in: for messages that led to nothing. Undefined when it never came. */
export async function positionAtReceipt({ query, schema }: Store, eventId: string): Promise<string | undefined> {
  const text = `select (select coalesce(max(e.position), 0) + 1 from ${schema}.events e where e.occurred_at <= i.received_at)::text as position
    from ${schema}.inbox i where i.event_id = $1 order by i.received_at limit 1`;
  const [row] = await query<{ position: string }>('replay_receipt', text, [eventId]);
  return row?.position;
}

function eventOf({ occurred_at: occurredAt, ...row }: Row): PastEvent {
  const event = { ...row, position: String(row.position), occurredAt };
  return row.data === null ? { ...event, metadata: {} as Metadata, archived: true } : event;
}

/** The first position that was appended at an instant or later by the clock of the service; one past the log when none was. */
export async function positionAt({ query, schema }: Store, at: Date): Promise<string> {
  const text = `select coalesce((select min(position) from ${schema}.events where occurred_at >= $1),
    (select coalesce(max(position), 0) + 1 from ${schema}.events))::text as position`;
  const [row] = await query<{ position: string }>('replay_position', text, [at]);
  return row!.position;
}

/** Events of these types since an instant, oldest first. */
export async function outcomesSince(
  { query, schema }: Store,
  since: Date,
  types: readonly string[],
): Promise<(Pick<PastEvent, 'type' | 'data'> & { readonly cause: string })[]> {
  const text = `select type, data, metadata ->> 'causationId' as cause from ${schema}.events where occurred_at >= $1 and type = any($2) and data is not null order by position`;
  return query('replay_outcomes', text, [since, types]);
}
