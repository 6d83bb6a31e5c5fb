import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { nameOf } from '../watch/watch-line.js';

/** One thing that an agent did, or that was done to it. */
export interface AgentStep {
  readonly at: Date;
  readonly service: string;
  readonly id: string;
  readonly type: string;
  readonly correlationId: string;
  readonly taint: string | null;
  /** of an identity's use or a switch; of a command only its type, for what it holds may be personal */
  readonly data: Readonly<Record<string, unknown>>;
}

/** Shows an agent's audit: uses of its identity, commands in its name, effects that egress judged, switches. Throws AGENT_UNKNOWN. */
export async function showHistory(context: Context, addresses: Addresses, agent: string, limit: number): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const steps = await stepsOf(inspector, agent, limit);
    if (steps.length === 0) {
      throw new CliError('AGENT_UNKNOWN', `nothing is recorded of an agent ${agent}; see \`towpath agents list\`.`);
    }
    for (const step of steps) context.show(stepText(step, context), step);
    if (steps.length === limit) context.note(`only the newest ${limit}; raise --limit for more`);
  } finally {
    await inspector.close();
  }
}

async function stepsOf(inspector: Inspector, agent: string, limit: number): Promise<AgentStep[]> {
  const parts = (await inspector.schemas()).map(
    (schema) => `(select '${schema}' as service, occurred_at as at, id, type, metadata, data from "${schema}".events
      where type = 'agents.v1.IdentityUsed' and data ->> 'agent' like '%/' || $1
         or type = 'platform.v1.AgentSwitched' and data ->> 'agent' = $1
         or metadata ->> 'agent' like '%/' || $1
      order by position desc limit ${limit})`,
  );
  if (parts.length === 0) return [];
  type Found = Pick<AgentStep, 'at' | 'service' | 'id' | 'type'> & {
    readonly metadata: { readonly correlationId: string; readonly taint?: string };
    readonly data: Readonly<Record<string, unknown>>;
  };
  const rows = await inspector.query<Found>(
    `select * from (${parts.join(' union all ')}) step order by at desc limit ${limit}`,
    [agent.replaceAll(/[\\%_]/g, String.raw`\$&`)],
  );
  return rows.map(({ metadata, data, ...row }) => ({
    ...row,
    correlationId: metadata.correlationId,
    taint: metadata.taint ?? null,
    data: OWN.has(row.type) ? data : {},
  }));
}

const OWN = new Set(['agents.v1.IdentityUsed', 'platform.v1.AgentSwitched']);

/** One step in one line. */
export function stepText({ at, service, type, data, taint, correlationId }: AgentStep, { colors }: Context): string {
  const when = new Date(at).toISOString();
  const label = taint === null ? '' : `  ${taint}`;
  return `${colors.dim(when)}  ${service.padEnd(8)}  ${whatOf(type, data, colors)}${label}  ${colors.dim(correlationId)}`;
}

function whatOf(type: string, data: AgentStep['data'], colors: Context['colors']): string {
  if (type === 'platform.v1.AgentSwitched') {
    return `${colors.bold('switched')} ${String(data['from'])} → ${String(data['to'])} by ${String(data['actor'])}: ${String(data['reason'])}`;
  }
  if (type !== 'agents.v1.IdentityUsed') return `${colors.bold('asked for')} ${nameOf(type)}`;
  const verdict =
    data['verdict'] === 'allow'
      ? colors.green('allow')
      : colors.red(`${String(data['verdict'])} ${String(data['code'])}`);
  const scope = typeof data['scope'] === 'string' ? ` (${data['scope']})` : '';
  return `${colors.bold(String(data['use']))} ${String(data['name'])}${scope}  ${verdict}`;
}
