import { AgentSwitched } from '@towpath/contracts/platform/AgentSwitched.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { EventStore } from '@towpath/event-store/types';
import { stateOf, type AgentSwitch } from './agent-state.js';

/** Agents that were switched, by name. One without a row runs. */
export const agentSwitches = projection<AgentSwitch>({
  name: 'agent-switches',
  keysOf: (event) => (isOf(AgentSwitched, event) ? [event.data.agent] : []),
  evolve(row, event) {
    if (!isOf(AgentSwitched, event)) return row;
    const { to, actor, reason, switchedAt } = event.data;
    return { state: stateOf(to), actor, reason, since: switchedAt };
  },
});

/** Every agent that was switched, by name; few, because people do it. */
export async function readAgentSwitches(store: Pick<EventStore, 'query'>): Promise<Map<string, AgentSwitch>> {
  const rows = await store.query<{ key: string; state: AgentSwitch }>(
    'agent_switches',
    `select key, state from projections where name = $1`,
    [agentSwitches.name],
  );
  return new Map(rows.map(({ key, state }) => [key, state]));
}
