import { Inject, Injectable } from '@nestjs/common';
import { AgentSwitched } from '@towpath/contracts/platform/AgentSwitched.v1';
import { SwitchAgent } from '@towpath/contracts/platform/SwitchAgent.v1';
import { Handles, type DecisionState, type Reads } from '../handles.js';
import { emit, type Emission, type Received } from '../message.js';
import { Permanent } from '../permanent.js';
import { SERVICE_NAME } from '../service.js';
import { AGENT_STATES } from './agent-state.js';
import { AgentSwitches } from './agent-switches.js';
import { agentSwitches } from './agent-switches.projection.js';

/**
 * Records that an agent runs, pauses or is killed. Part of every service with a store: whoever runs the agent stops it, and egress
 * refuses what it asked for.
 */
@Injectable()
@Handles(SwitchAgent, { emits: [AgentSwitched] })
export class SwitchAgentOfThisService {
  constructor(
    @Inject(SERVICE_NAME) private readonly service: string,
    private readonly switches: AgentSwitches,
  ) {}

  reads({ data }: Received<typeof SwitchAgent>): Reads {
    return { rows: [agentSwitches.at(data.agent)] };
  }

  handle({ data }: Received<typeof SwitchAgent>, state: DecisionState): readonly Emission<typeof AgentSwitched>[] {
    const { agent, actor, reason } = data;
    const to = AGENT_STATES.find((known) => known === data.to);
    if (!to) throw new Permanent('AGENT_STATE_UNKNOWN', `an agent is ${AGENT_STATES.join(', ')}, never ${data.to}`);
    const from = state.row(agentSwitches, agent)?.state ?? 'running';
    if (from === to) return [];
    // A hint: what is stored decides, and is looked at every second.
    this.switches.hint(agent, to);
    const { service } = this;
    const about = { switchId: `${service}:${agent}`, service, agent, from, to, actor, reason };
    return [emit(AgentSwitched, { ...about, switchedAt: state.now.getTime() })];
  }
}
