import type { Taint } from '@towpath/contracts/taint';
import type { Scope } from './identity/scope.js';
import type { ToolPolicy } from './policy/gate.js';
import type { z } from 'zod';

/** What a tool is told besides its arguments. */
export interface ToolContext {
  readonly runId: string;
  /** the same whenever this use of the tool is tried again: an idempotency key for whoever needs one */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** Something an agent can use. Third parties are changed by commands to `egress` that the handler returns, never by a tool. */
export interface Tool<In = unknown, Out = unknown> {
  /** lower case with dots, such as `history.lookup` */
  readonly name: string;
  /** for a model: what it does and when to use it */
  readonly description: string;
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  /** the scope that an agent's identity must have; none for what looks at nothing of anybody's */
  readonly scope?: Scope;
  /** what it takes besides the scope; without it anything that the agent has read may lead to its use */
  readonly policy?: Omit<ToolPolicy, 'scope'>;
  /** label of what it gives; `untrusted` unless it says otherwise */
  readonly gives: Taint;
  run(args: In, context: ToolContext): Promise<Out> | Out;
}

/** A tool of whatever arguments and result. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- each tool has types of its own
export type AnyTool = Tool<any, any>;

/** A tool from its definition. */
export function defineTool<In, Out>(
  definition: Omit<Tool<In, Out>, 'gives'> & { readonly gives?: Taint },
): Tool<In, Out> {
  return { gives: 'untrusted', ...definition };
}
