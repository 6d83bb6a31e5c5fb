import type { Inspector } from '@towpath/event-store/inspect';

/** What a service knows of an agent that was switched. */
export interface SwitchRow {
  readonly service: string;
  readonly agent: string;
  readonly state: string;
  readonly actor: string;
  readonly reason: string;
  /** milliseconds since the epoch */
  readonly since: number;
}

/** How often an agent used its identity since an instant, and how often it was refused. */
export interface UseRow {
  readonly service: string;
  readonly agent: string;
  readonly runs: number;
  readonly tools: number;
  readonly refused: number;
}

/** Every agent that was ever switched, as each service knows it. */
export async function switchesOf(inspector: Inspector): Promise<SwitchRow[]> {
  const parts = (await inspector.schemas()).map(
    (schema) =>
      `select '${schema}' as service, key as agent, state from "${schema}".projections where name = 'agent-switches'`,
  );
  if (parts.length === 0) return [];
  const rows = await inspector.query<{ service: string; agent: string; state: Omit<SwitchRow, 'service' | 'agent'> }>(
    `${parts.join(' union all ')} order by agent, service`,
    [],
  );
  return rows.map(({ service, agent, state }) => ({ service, agent, ...state }));
}

/** Uses of identities since then, by agent. */
export async function usesSince(inspector: Inspector, since: Date): Promise<UseRow[]> {
  const parts = (await inspector.schemas()).map(
    (schema) =>
      `select '${schema}' as service, data from "${schema}".events where type = 'agents.v1.IdentityUsed' and occurred_at >= $1`,
  );
  if (parts.length === 0) return [];
  return inspector.query<UseRow>(
    `select service, substring(data ->> 'agent' from '[^/]+$') as agent,
       (count(*) filter (where data ->> 'use' = 'run'))::int as runs,
       (count(*) filter (where data ->> 'use' = 'tool'))::int as tools,
       (count(*) filter (where data ->> 'verdict' <> 'allow'))::int as refused
     from (${parts.join(' union all ')}) used group by 1, 2 order by 2, 1`,
    [since],
  );
}
