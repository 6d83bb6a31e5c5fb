import pg from 'pg';
import { INBOX_AHEAD_DAYS, INBOX_KEEP_DAYS } from '../inbox.js';
import type { Inspector } from '../inspect.js';

/** What a store holds of one type. */
export interface TypeState {
  readonly type: string;
  /** days; null = for ever */
  readonly keepDays: number | null;
  readonly events: number;
  /** of them, stubs: their content is in the archive */
  readonly archived: number;
  /** past their time and still in the store: they go with the next run, unless something needs them */
  readonly due: number;
  /** data and metadata in the store, bytes */
  readonly contentBytes: number;
  /** of those whose content is in the store */
  readonly oldest: Date | null;
}

/** The inbox's partitions. */
export interface InboxState {
  readonly partitions: number;
  /** `YYYY-MM-DD`; null without any */
  readonly firstDay: string | null;
  readonly lastDay: string | null;
  /** when the first is dropped */
  readonly nextDrop: string | null;
  /** of today and the coming days, how many have no partition */
  readonly missing: number;
  /** rows of days that had no partition when they came */
  readonly strays: number;
}

/** How a store stands between what it must keep and what it need not. */
export interface StoreState {
  readonly schema: string;
  readonly service: string;
  readonly types: readonly TypeState[];
  readonly inbox: InboxState;
  readonly archive: { readonly files: number; readonly events: number; readonly bytes: number };
  /** of the table with its indexes */
  readonly eventsBytes: number;
  readonly inboxBytes: number;
}

/** The state of every store, or of one service's; looks at every event, so it takes its time. */
export async function retentionState(inspector: Inspector, service?: string): Promise<StoreState[]> {
  const stores = await inspector.query<{ schema: string; service: string }>(
    'select schema, service from towpath.stores where service = coalesce($1, service) order by 1',
    [service ?? null],
  );
  const states: StoreState[] = [];
  for (const store of stores) states.push(await stateOf(inspector, store));
  return states;
}

async function stateOf(inspector: Inspector, store: { schema: string; service: string }): Promise<StoreState> {
  const schema = pg.escapeIdentifier(store.schema);
  const types = await inspector.query<TypeState>(typesText(schema), []);
  const [inbox] = await inspector.query<InboxState>(inboxText(schema), [
    store.schema,
    INBOX_AHEAD_DAYS,
    INBOX_KEEP_DAYS,
  ]);
  const [sizes] = await inspector.query<SizesRow>(sizesText(schema), []);
  const { files, events, bytes, eventsBytes, inboxBytes } = sizes!;
  const archive = { files, events: Number(events), bytes: Number(bytes) };
  const counted = types.map((one) => ({ ...one, contentBytes: Number(one.contentBytes) }));
  return {
    ...store,
    types: counted,
    inbox: inbox!,
    archive,
    eventsBytes: Number(eventsBytes),
    inboxBytes: Number(inboxBytes),
  };
}

function typesText(schema: string): string {
  return `select e.type, m.keep_days as "keepDays", count(*)::int as events, count(e.archived_at)::int as archived,
      count(*) filter (where e.archived_at is null and e.appended_at < now() - m.keep_days * interval '1 day')::int as due,
      coalesce(sum(pg_column_size(e.data) + pg_column_size(e.metadata)), 0)::text as "contentBytes",
      min(e.occurred_at) filter (where e.archived_at is null) as oldest
    from ${schema}.events e left join ${schema}.emits m on m.type = e.type group by 1, 2 order by 1`;
}

function inboxText(schema: string): string {
  return `with days as (
      select to_date(substr(c.relname, 7), 'YYYYMMDD') as day from pg_inherits i join pg_class c on c.oid = i.inhrelid
      join pg_namespace s on s.oid = c.relnamespace where s.nspname = $1 and c.relname ~ '^inbox_\\d{8}$'
    ), today as (select (now() at time zone 'UTC')::date as day)
    select count(d.day)::int as partitions, min(d.day)::text as "firstDay", max(d.day)::text as "lastDay",
      (min(d.day) + $3::int + 1)::text as "nextDrop",
      (select count(*)::int from today t, generate_series(0, $2::int) n where not exists (select from days x where x.day = t.day + n)) as missing,
      (select count(*)::int from ${schema}.inbox_default) as strays
    from days d`;
}

interface SizesRow {
  readonly files: number;
  readonly events: string;
  readonly bytes: string;
  readonly eventsBytes: string;
  readonly inboxBytes: string;
}

function sizesText(schema: string): string {
  return `select count(*)::int as files, coalesce(sum(events), 0)::text as events, coalesce(sum(bytes), 0)::text as bytes,
      pg_total_relation_size('${schema}.events')::text as "eventsBytes",
      (select sum(pg_total_relation_size(t.relid))::text from pg_partition_tree('${schema}.inbox') t) as "inboxBytes"
    from ${schema}.archives`;
}
