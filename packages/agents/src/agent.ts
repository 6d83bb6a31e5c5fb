import type { Contract } from '@towpath/contracts/contract';
import type { z } from 'zod';
import { assertScopes, type Scope } from './identity/scope.js';
import { DEFAULT_LIMITS, type Limits } from './limits.js';
import type { ToolPolicy } from './policy/gate.js';
import type { Run } from './run.js';
import type { AnyTool } from './tool.js';

/** What a model is told about its task; the version changes with the text. */
export interface Instructions {
  readonly version: string;
  readonly text: string;
}

/** Any async function from input to decision: hand-written, one of `patterns/`, or a graph of another framework. */
export type Policy<In, Out> = (input: In, run: Run) => Promise<Out> | Out;

/** What an agent may do at most, whatever its model says. */
export interface AgentIdentity {
  /** such as `tickets:read`; declared in code and nowhere else */
  readonly scopes: readonly Scope[];
}

/** A command that an agent may ask for, once it is judged after the model by what stands here. */
export interface DeclaredAct {
  readonly command: Contract;
  readonly policy: ToolPolicy;
}

/** An agent: a policy that turns input into a structured decision, and what bounds it. */
export interface Agent<In = unknown, Out = unknown> {
  /** lower case with dashes, unique in the platform */
  readonly name: string;
  /** changes whenever the policy does: a run that another version began falls back instead of going astray */
  readonly version: string;
  readonly identity: AgentIdentity;
  readonly instructions: Instructions;
  /** what it was told before, to compare with in a backtest */
  readonly earlierInstructions?: readonly Instructions[];
  readonly tools: readonly AnyTool[];
  /** what it may ask egress or another service for; nothing else leaves a handler in its name */
  readonly acts: readonly DeclaredAct[];
  readonly input: z.ZodType<In>;
  readonly output: z.ZodType<Out>;
  readonly limits: Limits;
  readonly policy: Policy<In, Out>;
  /** the deterministic analyst, which decides when the policy can't: no model, over budget, off schema, over a limit */
  readonly fallback?: Policy<In, Out>;
}

/** An agent of whatever input and decision. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a policy takes its own input only
export type AnyAgent = Agent<any, any>;

export interface AgentDefinition<In, Out> extends Omit<Agent<In, Out>, 'limits' | 'tools' | 'acts'> {
  readonly tools?: readonly AnyTool[];
  readonly acts?: readonly DeclaredAct[];
  readonly limits?: Partial<Limits>;
}

/** An agent from its definition; limits that it leaves out are `DEFAULT_LIMITS`. Throws `AGENT_INVALID`. */
export function defineAgent<In, Out>(definition: AgentDefinition<In, Out>): Agent<In, Out> {
  if (!/^[a-z][a-z0-9-]{1,40}$/.test(definition.name)) {
    throw new Error(`AGENT_INVALID: "${definition.name}" is no name; use lower case, digits and dashes`);
  }
  const tools = definition.tools ?? [];
  const twice = tools.find((tool, index) => tools.findIndex(({ name }) => name === tool.name) !== index);
  if (twice) throw new Error(`AGENT_INVALID: ${definition.name} has two tools named ${twice.name}`);
  const acts = definition.acts ?? [];
  assertDeclared(definition, tools, acts);
  return { ...definition, tools, acts, limits: { ...DEFAULT_LIMITS, ...definition.limits } };
}

/** A tool or an act that takes a scope which the agent does not hold could never be used: that is a mistake. */
function assertDeclared(
  { name, identity }: Pick<AnyAgent, 'name' | 'identity'>,
  tools: readonly AnyTool[],
  acts: readonly DeclaredAct[],
): void {
  assertScopes(identity.scopes);
  const taken = [...tools.flatMap(({ scope }) => scope ?? []), ...acts.flatMap(({ policy }) => policy.scope ?? [])];
  const missing = taken.find((scope) => !identity.scopes.includes(scope));
  if (missing) throw new Error(`AGENT_INVALID: ${name} does not hold ${missing}; add it to identity.scopes`);
}
