import { toJson } from '@towpath/contracts/codec';
import type { Taint } from '@towpath/contracts/taint';
import type { Act, ActJudge, Authorised } from '@towpath/service-kit/agents/act-authority';
import type { AgentSwitches } from '@towpath/service-kit/agents/agent-switches';
import type { ActingAgent, Emission, Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import type { DeclaredAct } from '../agent.js';
import type { AgentIdentities } from '../identity/agent-identities.js';
import type { Scope } from '../identity/scope.js';
import { commandHash } from './action-hash.js';
import { judge, type Verdict } from './gate.js';

export interface AgentActsOptions {
  readonly identities: Pick<AgentIdentities, 'idOf' | 'prove'>;
  readonly switches: Pick<AgentSwitches, 'knownStateOf'>;
  /** secrets by value that no command may hold */
  readonly secrets?: readonly string[];
}

/** What the gate says of a command that an agent asks for; pure. A handler that wants to ask a person instead looks here first. */
export function judgeAct(
  agent: ActingAgent,
  { contract, data }: Pick<Emission, 'contract' | 'data'>,
  around: {
    readonly taint: Taint | undefined;
    readonly subject: Readonly<Record<string, string>>;
    readonly secrets?: readonly string[];
  },
): Verdict {
  const acts = (agent.acts ?? []) as readonly DeclaredAct[];
  const declared = acts.find(({ command }) => command.type === contract.type);
  return judge({
    agent: {
      name: agent.name,
      scopes: agent.identity.scopes as readonly Scope[],
      tools: acts.map(({ command }) => command.type),
    },
    tool: declared && { name: contract.type, policy: declared.policy },
    arguments: toJson(contract, data),
    taint: around.taint,
    subject: around.subject,
    ...(around.secrets && { secrets: around.secrets }),
  });
}

/** Judges the commands that leave a service in an agent's name, and signs those that it allows. */
export class AgentActs implements ActJudge {
  constructor(private readonly options: AgentActsOptions) {}

  authorise({ agent, emission, taint, cause }: Act): Authorised {
    const { identities, switches, secrets = [] } = this.options;
    const state = switches.knownStateOf(agent.name);
    if (state === 'killed') throw new Permanent('AGENT_KILLED', `${agent.name} was killed`);
    const verdict = judgeAct(agent, emission, { taint, subject: idsOf(cause), secrets });
    const { contract, data } = emission;
    if (verdict.kind !== 'allow') {
      const code = verdict.code === 'TOOL_UNKNOWN' ? 'ACT_NOT_DECLARED' : verdict.code;
      throw new Permanent(code, `${agent.name} may not ask for ${contract.type}: ${verdict.detail}`);
    }
    const declared = agent.acts?.find(({ command }) => command.type === contract.type) as DeclaredAct;
    const scope = declared.policy.scope;
    if (scope === null) throw new Permanent('SCOPE_MISSING', `asking for ${contract.type} takes a scope`);
    const act = { hash: commandHash(contract, data), scope, story: cause.correlationId };
    return { agent: identities.idOf(agent.name), proof: identities.prove(agent.name, act) };
  }
}

/** What a message is about: its subject, and its texts by the names of their fields, as the service that sent it wrote them. */
export function idsOf({ subject, data }: Pick<Received, 'subject' | 'data'>): Record<string, string> {
  const texts = Object.entries((data ?? {}) as Record<string, unknown>).filter(
    ([, value]) => typeof value === 'string',
  );
  return { ...(Object.fromEntries(texts) as Record<string, string>), subject };
}
