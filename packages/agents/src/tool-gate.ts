import type { IdentityUsed } from '@towpath/contracts/agents/IdentityUsed.v1';
import type { Taint } from '@towpath/contracts/taint';
import type { AnyAgent } from './agent.js';
import { ToolRefused } from './agent-errors.js';
import type { AnyTool } from './tool.js';

/** A run that begins or goes on. */
export interface RunUse {
  readonly agent: AnyAgent;
  readonly runId: string;
  /** label of its input */
  readonly taint: Taint;
}

/** A tool about to be used. */
export interface ToolUse extends RunUse {
  /** the step's name in the run */
  readonly step: string;
  readonly tool: AnyTool;
  /** they fit the tool's schema */
  readonly args: unknown;
  /** ids that the run is about, by name; `subject` is the message's */
  readonly subject: Readonly<Record<string, string>>;
}

/** Stands between an agent's wish and its deed, in code and after any model. */
export interface ToolGate {
  /** Before a run does anything: what to journal of the identity that it uses. */
  begin?(use: RunUse): Promise<IdentityUsed | undefined>;
  /** Before each step that was not done before: resolves when the agent may go on. Throws when it was killed. */
  enter?(agent: AnyAgent, signal: AbortSignal): Promise<void>;
  /** Aborted when the agent is killed. */
  signalOf?(agent: AnyAgent): AbortSignal;
  /** What to journal of the use. Throws ToolRefused, which may carry it, too. */
  admit(use: ToolUse): Promise<IdentityUsed | undefined>;
}

/** Admits what the agent declares in code: the tool itself, and its scope. For specs; a service has the policy gate. */
export const declaredToolsOnly: ToolGate = {
  admit({ agent, tool }) {
    if (!agent.tools.includes(tool)) {
      throw new ToolRefused('TOOL_NOT_DECLARED', `${agent.name} does not declare ${tool.name}; add it to its tools`);
    }
    if (tool.scope !== undefined && !agent.identity.scopes.includes(tool.scope)) {
      throw new ToolRefused('SCOPE_MISSING', `${agent.name} has no scope ${tool.scope}, which ${tool.name} needs`);
    }
    return Promise.resolve(undefined);
  },
};
