import type { Inspector } from '@towpath/event-store/inspect';

export const RUN_STATUSES = ['running', 'decided', 'needs_human', 'canceled', 'failed', 'given-up'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** A run as its journal tells it without any key. */
export interface RunRow {
  readonly runId: string;
  readonly service: string;
  readonly agent: string;
  readonly agentVersion: string;
  /** `given-up`: it had not ended when its message became a dead letter */
  readonly status: RunStatus;
  readonly decidedBy: string | null;
  readonly steps: number;
  readonly attempts: number;
  readonly tokens: number;
  /** millionths of a US dollar */
  readonly costMicros: number;
  readonly startedAt: Date;
  /** of the last event */
  readonly changedAt: Date;
  readonly correlationId: string;
  /** `ce_id` of its message */
  readonly causationId: string;
  /** the open dead letter of its message */
  readonly deadLetterId: string | null;
}

export interface RunFilter {
  readonly runId?: string;
  readonly service?: string;
  readonly agent?: string;
  readonly status?: RunStatus;
  readonly since?: Date;
}

interface Row {
  readonly runId: string;
  readonly service: string;
  readonly agent: string;
  readonly agentVersion: string;
  readonly last: string;
  readonly decision: { readonly status?: string; readonly decidedBy?: string } | null;
  readonly steps: string;
  readonly attempts: string;
  readonly tokens: string | null;
  readonly costMicros: string | null;
  readonly startedAt: Date;
  readonly changedAt: Date;
  readonly correlationId: string;
  readonly causationId: string;
  readonly deadLetterId: string | null;
}

/** Runs of all stores, newest first. */
export async function runRows(inspector: Inspector, filter: RunFilter, limit: number): Promise<RunRow[]> {
  const { runId = null, agent = null, since, service, status } = filter;
  const schemas = (await inspector.schemas()).filter(
    (schema) => service === undefined || schema === service.replaceAll('-', '_'),
  );
  if (schemas.length === 0) return [];
  const rows = await inspector.query<Row>(
    `select * from (${schemas.map(partOf).join(' union all ')}) found order by "startedAt" desc limit ${ROWS_MAX}`,
    [runId, agent, since ?? null],
  );
  return rows
    .map(rowOf)
    .filter((row) => status === undefined || row.status === status)
    .slice(0, limit);
}

/** At most so many are looked at; a narrower filter finds older ones. */
const ROWS_MAX = 1_000;

/** Names of schemas come from the database's own list of stores, which set-up checks. */
function partOf(schema: string): string {
  return `select s.data ->> 'runId' as "runId", t.service, s.data ->> 'agent' as agent, s.data ->> 'agentVersion' as "agentVersion",
      j.last, j.decision, j.steps, j.attempts, j.tokens, j."costMicros", s.occurred_at as "startedAt", j."changedAt",
      s.metadata ->> 'correlationId' as "correlationId", s.metadata ->> 'causationId' as "causationId", d.id as "deadLetterId"
    from "${schema}".events s join towpath.stores t on t.schema = '${schema}'
    cross join lateral (
      select (array_agg(e.type order by e.version desc) filter (where e.type <> 'agents.v1.RunStepFinished'))[1] as last,
        (array_agg(e.data order by e.version desc) filter (where e.type = 'agents.v1.RunDecided'))[1] as decision,
        count(*) filter (where e.type = 'agents.v1.RunStepFinished') as steps,
        1 + count(*) filter (where e.type = 'agents.v1.RunResumed') as attempts,
        sum((e.data ->> 'inputTokens')::bigint + (e.data ->> 'outputTokens')::bigint) as tokens,
        sum((e.data ->> 'costMicros')::bigint) filter (where e.type = 'agents.v1.RunStepFinished') as "costMicros",
        max(e.occurred_at) as "changedAt"
      from "${schema}".events e where e.stream = s.stream
    ) j
    left join lateral (
      select l.data ->> 'deadLetterId' as id from "${schema}".events l
      where l.metadata ->> 'correlationId' = s.metadata ->> 'correlationId' and l.type = 'platform.v1.DeadLettered'
        and l.data ->> 'originEventId' = s.metadata ->> 'causationId'
        and not exists (select from "${schema}".events n where n.stream = l.stream and n.version > l.version)
      order by l.position desc limit 1
    ) d on true
    where s.type = 'agents.v1.RunStarted' and s.archived_at is null
      and s.stream >= 'agent-run-' || coalesce($1::text, '') and s.stream < 'agent-run-' || coalesce($1::text || '~', '~')
      and ($2::text is null or s.data ->> 'agent' = $2) and ($3::timestamptz is null or s.occurred_at >= $3)`;
}

function rowOf(row: Row): RunRow {
  const { last, decision, ...rest } = row;
  return {
    ...rest,
    status: statusOf(last, decision?.status, row.deadLetterId),
    decidedBy: decision?.decidedBy ?? null,
    steps: Number(row.steps),
    attempts: Number(row.attempts),
    tokens: Number(row.tokens ?? 0),
    costMicros: Number(row.costMicros ?? 0),
  };
}

/** What the last event that is no step makes of a run. */
export function statusOf(last: string, decided: string | undefined, deadLetterId: string | null): RunStatus {
  if (decided !== undefined) return decided === 'decided' ? 'decided' : 'needs_human';
  if (last === 'agents.v1.RunCanceled') return 'canceled';
  if (last === 'agents.v1.RunFailed') return 'failed';
  return deadLetterId === null ? 'running' : 'given-up';
}
