import type { IdentityUsed } from '@towpath/contracts/agents/IdentityUsed.v1';
import type { AgentSwitches } from '@towpath/service-kit/agents/agent-switches';
import type { AnyAgent } from '../agent.js';
import { ToolRefused } from '../agent-errors.js';
import type { AgentIdentities, VerifiedAgent } from '../identity/agent-identities.js';
import type { RunUse, ToolGate, ToolUse } from '../tool-gate.js';
import { judge, type Verdict } from './gate.js';

export interface PolicyGateOptions {
  readonly identities: AgentIdentities;
  /** whether agents run, pause or are killed */
  readonly switches: Pick<AgentSwitches, 'enter' | 'signalOf'>;
  /** secrets by value that no tool may be given */
  readonly secrets?: readonly string[];
  readonly now?: () => Date;
}

/**
 * The gate of a service: each use of a tool is judged by what the agent's token says, after the token was verified, and each leaves
 * a record, whatever the verdict. It is asked after the model, so nothing a model says can talk to it.
 */
export class PolicyGate implements ToolGate {
  constructor(private readonly options: PolicyGateOptions) {}

  async begin({ agent, runId, taint }: RunUse): Promise<IdentityUsed> {
    await this.options.switches.enter(agent.name);
    const shown = await this.shown(agent);
    return this.record(shown, { runId, use: 'run', name: agent.name, scope: null, taint }, null);
  }

  enter(agent: AnyAgent, signal: AbortSignal): Promise<void> {
    return this.options.switches.enter(agent.name, signal);
  }

  signalOf(agent: AnyAgent): AbortSignal {
    return this.options.switches.signalOf(agent.name);
  }

  async admit({ agent, tool, args, runId, taint, subject }: ToolUse): Promise<IdentityUsed> {
    const shown = await this.shown(agent);
    const declared = agent.tools.includes(tool) ? [tool.name] : [];
    const policy = { accepts: 'untrusted', ...tool.policy, scope: tool.scope ?? null } as const;
    const verdict = judge({
      agent: { name: agent.name, scopes: shown.scopes, tools: declared },
      tool: { name: tool.name, policy },
      arguments: args,
      taint,
      subject,
      secrets: this.options.secrets ?? [],
    });
    const audit = this.record(shown, { runId, use: 'tool', name: tool.name, scope: policy.scope, taint }, verdict);
    if (verdict.kind === 'allow') return audit;
    throw new ToolRefused(verdict.code, verdict.detail, audit);
  }

  private async shown(agent: AnyAgent): Promise<VerifiedAgent> {
    const { identities } = this.options;
    const token = await identities.token({ name: agent.name, scopes: agent.identity.scopes });
    return identities.verify(token);
  }

  private record(
    { id, tokenId, keyId }: VerifiedAgent,
    about: Pick<IdentityUsed, 'runId' | 'use' | 'name' | 'scope' | 'taint'>,
    verdict: Verdict | null,
  ): IdentityUsed {
    return {
      ...about,
      ...{ agent: id, tokenId, keyId, verdict: verdict?.kind ?? 'allow' },
      code: verdict && 'code' in verdict ? verdict.code : null,
      actionHash: verdict && 'actionHash' in verdict ? verdict.actionHash : null,
      usedAt: (this.options.now?.() ?? new Date()).getTime(),
    };
  }
}
