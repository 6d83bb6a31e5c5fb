import type { Inspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import { CliError } from '../cli-error.js';

/** How a saga stands; the last three are ends, and `needs_human` is one that a person can still change. */
export const SAGA_STATES = [
  ...(['running', 'finishing', 'compensating', 'paused'] as const),
  ...(['completed', 'compensated', 'needs_human'] as const),
] as const;
export type SagaState = (typeof SAGA_STATES)[number];

/** A saga as its stream tells it without any key. */
export interface SagaRow {
  readonly sagaId: string;
  readonly definition: string;
  readonly version: number;
  /** what it is about, such as an order */
  readonly key: string;
  readonly state: SagaState;
  /** why it is being undone, was, or needs a person; null otherwise */
  readonly reason: string | null;
  /** the step that changed last, such as `ship failed` or `charge undo running` */
  readonly at: string | null;
  /** it waits for a person, or what it waits for is over and nothing came of it */
  readonly stuck: boolean;
  readonly startedAt: Date;
  /** of the last event */
  readonly changedAt: Date;
  /** when it looks at itself again without being told */
  readonly dueAt: Date | null;
  readonly correlationId: string;
}

export interface SagaFilter {
  /** id, or what it is about */
  readonly id?: string;
  readonly definition?: string;
  readonly state?: SagaState;
  readonly stuck?: boolean;
  /** begun before */
  readonly before?: Date;
  /** begun after */
  readonly since?: Date;
}

/** A time that is over by this much has been missed: timers are exact to a tenth of a second. */
const OVERDUE = "interval '1 minute'";

export const ORCHESTRATOR = 'saga-orchestrator';

interface Row extends Omit<SagaRow, 'at'> {
  readonly last: { readonly step: string; readonly side: string; readonly state: string } | null;
}

/** Sagas that match, newest first. */
export async function sagaRows(inspector: Inspector, filter: SagaFilter, limit: number): Promise<SagaRow[]> {
  const { id = null, definition = null, state = null, stuck = false, before = null, since = null } = filter;
  const values = [id, definition, state, stuck, before, since, limit];
  const rows = await inspector.query<Row>(sagasText(schemaOf(ORCHESTRATOR)), values);
  return rows.map(({ last, ...row }) => ({ ...row, at: last && placeOf(last) }));
}

function placeOf({ step, side, state }: NonNullable<Row['last']>): string {
  return side === 'undo' ? `${step} undo ${state}` : `${step} ${state}`;
}

/** The saga with this id, the only one that begins so, or the only one about this. Throws SAGA_NOT_FOUND, SAGA_AMBIGUOUS. */
export async function sagaCalled(inspector: Inspector, id: string): Promise<SagaRow> {
  const [definition, key] = partsOf(id);
  const filter = definition === undefined ? { id } : { id: key, definition };
  const found = await sagaRows(inspector, filter, 10);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) {
    throw new CliError('SAGA_NOT_FOUND', `there is no saga ${id}; see \`towpath sagas list\`.`);
  }
  const names = found.map((row) => `${row.definition}/${row.key}`).join(', ');
  throw new CliError('SAGA_AMBIGUOUS', `several are called ${id}; name one: ${names}.`);
}

/** `order-fulfilment/order_789` names the definition, too. */
function partsOf(id: string): [string | undefined, string] {
  const slash = id.indexOf('/');
  return slash < 1 ? [undefined, id] : [id.slice(0, slash), id.slice(slash + 1)];
}

/**
 * An end holds until a person tries a step again or skips it; a pause until the saga is resumed or canceled. `due` is the last time that it
 * set for itself: one that nobody paused, that did not end and whose time is over has missed it.
 */
function sagasText(schema: string): string {
  return `select * from (
    select s.*, s.state = 'needs_human' or (s.state not in ('completed', 'compensated', 'paused')
      and least(s."dueAt", s."deadlineAt") < clock_timestamp() - ${OVERDUE}) is true as stuck
    from (
      select b.data ->> 'sagaId' as "sagaId", b.data ->> 'definition' as definition, (b.data ->> 'version')::int as version,
        b.data ->> 'key' as key, b.occurred_at as "startedAt", n."changedAt", b.metadata ->> 'correlationId' as "correlationId",
        to_timestamp((b.data ->> 'deadlineAt')::bigint / 1000.0) as "deadlineAt", due.at as "dueAt", step.last,
        coalesce(ended.reason, step.code) as reason,
        case when ended.version > coalesce(again.version, 0) then ended.outcome
          when held.type = 'sagas.v1.SagaPaused' then 'paused'
          else coalesce(step.status, 'running') end as state
      from ${schema}.events b
      left join lateral (select max(e.occurred_at) as "changedAt" from ${schema}.events e where e.stream = b.stream) n on true
      left join lateral (select e.version, e.data ->> 'outcome' as outcome, e.data ->> 'reason' as reason
        from ${schema}.events e where e.stream = b.stream and e.type = 'sagas.v1.SagaEnded'
        order by e.version desc limit 1) ended on true
      left join lateral (select max(e.version) as version from ${schema}.events e
        where e.stream = b.stream and e.type in ('sagas.v1.SagaStepRetried', 'sagas.v1.SagaStepSkipped')) again on true
      left join lateral (select e.type from ${schema}.events e
        where e.stream = b.stream and e.type in ('sagas.v1.SagaPaused', 'sagas.v1.SagaResumed', 'sagas.v1.SagaCanceled')
        order by e.version desc limit 1) held on true
      left join lateral (select e.data ->> 'status' as status, e.data ->> 'code' as code, e.data -> 'changes' -> -1 as last
        from ${schema}.events e where e.stream = b.stream and e.type = 'sagas.v1.SagaStepChanged'
        order by e.version desc limit 1) step on true
      left join lateral (select to_timestamp((e.data ->> 'dueAt')::bigint / 1000.0) as at
        from ${schema}.events e where e.stream = b.stream and e.type in ('sagas.v1.SagaStepChanged', 'sagas.v1.SagaTimerSet')
          and e.data ->> 'dueAt' is not null order by e.version desc limit 1) due on true
      where b.type = 'sagas.v1.SagaStarted' and b.archived_at is null
        and ($1::text is null or b.data ->> 'key' = $1 or (length($1) >= 4 and b.data ->> 'sagaId' like $1 || '%'))
        and ($2::text is null or b.data ->> 'definition' = $2)
        and ($5::timestamptz is null or b.occurred_at < $5) and ($6::timestamptz is null or b.occurred_at >= $6)
      order by b.position desc
    ) s
  ) t where ($3::text is null or t.state = $3) and (not $4 or t.stuck) limit $7`;
}
