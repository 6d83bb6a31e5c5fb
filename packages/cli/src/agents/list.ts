import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { switchesOf, usesSince, type SwitchRow, type UseRow } from './agent-rows.js';
import { declaredAgents, type DeclaredAgent } from './declared.js';

/** An agent with what it may do, whether it runs, and what it did lately. */
export interface AgentLine extends DeclaredAgent {
  /** as its own service knows it */
  readonly state: string;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly runs: number;
  readonly toolUses: number;
  readonly refused: number;
}

const DAY_MS = 86_400_000;

/** Shows every declared agent, and every other that was switched or used an identity. */
export async function listAgents(context: Context, addresses: Addresses): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const switches = await switchesOf(inspector);
    const uses = await usesSince(inspector, new Date(Date.now() - DAY_MS));
    const lines = agentLines(declaredAgents(), switches, uses);
    for (const line of lines) context.show(lineText(line, context), line);
    if (lines.length === 0) context.note('no agent is declared, and none was seen');
  } finally {
    await inspector.close();
  }
}

export function agentLines(
  declared: readonly DeclaredAgent[],
  switches: readonly SwitchRow[],
  uses: readonly UseRow[],
): AgentLine[] {
  const known = new Map(declared.map((agent) => [agent.name, agent]));
  const unknown = [...uses, ...switches].filter(({ agent }) => !known.has(agent));
  for (const { agent, service } of unknown) {
    if (!known.has(agent)) known.set(agent, { name: agent, service, version: '?', scopes: [], tools: [], acts: [] });
  }
  return [...known.values()].map((agent) => {
    const own = switches.filter((row) => row.agent === agent.name);
    const seen = own.find(({ service }) => service === agent.service.replaceAll('-', '_')) ?? own[0];
    const used = uses.filter((row) => row.agent === agent.name);
    const sum = (field: 'runs' | 'tools' | 'refused') => used.reduce((total, row) => total + row[field], 0);
    return {
      ...agent,
      ...{ state: seen?.state ?? 'running', actor: seen?.actor ?? null, reason: seen?.reason ?? null },
      ...{ runs: sum('runs'), toolUses: sum('tools'), refused: sum('refused') },
    };
  });
}

function lineText(line: AgentLine, { colors }: Context): string {
  const paint = line.state === 'running' ? colors.green : line.state === 'paused' ? colors.yellow : colors.red;
  const why = line.actor === null ? '' : `  ${colors.dim(`by ${line.actor}: ${line.reason}`)}`;
  const did = `${line.runs} runs, ${line.toolUses} tool uses, ${line.refused} refused in 24 h`;
  const may = [...line.scopes].join(' ') || 'no scopes';
  return `${colors.bold(line.name.padEnd(18))} ${line.service.padEnd(8)} ${paint(line.state.padEnd(7))} ${did}\n  ${may}${why}`;
}
