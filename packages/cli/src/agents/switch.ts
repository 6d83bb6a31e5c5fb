import { setTimeout as delay } from 'node:timers/promises';
import { services } from '@towpath/contracts/topics';
import { openInspector, type InspectedEvent, type Inspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { send } from '../operator/send.js';
import { switchesOf } from './agent-rows.js';
import { declaredAgents } from './declared.js';

export type Wanted = 'running' | 'paused' | 'killed';

const COMMANDS: Readonly<Record<Wanted, string>> = {
  running: 'ResumeAgent',
  paused: 'PauseAgent',
  killed: 'KillAgent',
};
const OUTCOME_MS = 10_000;
const LOOK_MS = 100;
const REFUSED = new Set(['triage.v1.DeliveryRefused', 'triage.v1.DeliveryUnrouted']);

interface Asked {
  readonly agent: string;
  readonly to: Wanted;
}

/**
 * Switches an agent and waits until every service with a store knows it: the one that runs it stops it, egress refuses what it asked for.
 * Throws AGENT_UNKNOWN, COMMAND_REFUSED, or NOT_EVERYWHERE with the services that did not say so in time.
 */
export async function switchAgent(
  context: Context,
  addresses: Addresses,
  { agent, to }: Asked,
  options: ChangeOptions,
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const before = await statesOf(inspector, agent);
    assertKnown(agent, before);
    const wanting = [...before].filter(([, state]) => state !== to).map(([service]) => service);
    context.note(`${agent}: ${[...new Set(before.values())].join(', ')} → ${to}`);
    if (wanting.length === 0) {
      return context.show(`${agent} is ${to} already`, { agent, to, services: [], changed: false });
    }
    const startedAt = performance.now();
    const { deliveryId } = await send(addresses, COMMANDS[to], { agent, reason: options.reason }, options);
    const services = await known(inspector, deliveryId, wanting);
    const ms = Math.round(performance.now() - startedAt);
    const text = `${agent} is ${to}: ${services.join(', ')} know it after ${(ms / 1_000).toFixed(1)} s`;
    context.show(text, { agent, to, services, changed: true, ms, deliveryId });
  } finally {
    await inspector.close();
  }
}

/** What each service that has a store knows of the agent. */
async function statesOf(inspector: Inspector, agent: string): Promise<Map<string, string>> {
  const rows = (await switchesOf(inspector)).filter((row) => row.agent === agent);
  const answering = new Set(
    services()
      .filter(({ onDemand }) => !onDemand)
      .map(({ name }) => schemaOf(name)),
  );
  const stores = (await inspector.schemas()).filter((schema) => answering.has(schema));
  return new Map(stores.map((schema) => [schema, rows.find(({ service }) => service === schema)?.state ?? 'running']));
}

/** A mistyped name would kill nobody and say that it did. */
function assertKnown(agent: string, before: ReadonlyMap<string, string>): void {
  const declared = declaredAgents().map(({ name }) => name);
  const wasSwitched = [...before.values()].some((state) => state !== 'running');
  if (declared.includes(agent) || wasSwitched) return;
  throw new CliError('AGENT_UNKNOWN', `no agent is named ${agent}; there are ${declared.join(', ') || 'none'}.`);
}

async function known(inspector: Inspector, deliveryId: string, wanting: readonly string[]): Promise<string[]> {
  const deadline = performance.now() + OUTCOME_MS;
  let done: string[] = [];
  while (performance.now() < deadline) {
    const events = await inspector.eventsByCorrelation(deliveryId);
    const refusal = events.find(({ type }) => REFUSED.has(type));
    if (refusal) throw refused(refusal);
    done = events.filter(({ type }) => type === 'platform.v1.AgentSwitched').map(({ schema }) => schema);
    if (wanting.every((service) => done.includes(service))) return done.sort();
    await delay(LOOK_MS);
  }
  const missing = wanting.filter((service) => !done.includes(service));
  throw new CliError(
    'NOT_EVERYWHERE',
    `${missing.join(', ')} did not say so in ${OUTCOME_MS / 1_000} s; they will when they run. See \`towpath trace ${deliveryId}\`.`,
  );
}

function refused({ data, type }: InspectedEvent): CliError {
  const { code, detail, reason } = data as { code?: string; detail?: string; reason?: string };
  return new CliError('COMMAND_REFUSED', `${code ?? reason ?? type}: ${detail ?? ''}; see \`towpath operators list\`.`);
}
