import type { Taint } from '@towpath/contracts/taint';
import type { DecidedBy } from './outcome.js';
import type { ModelAnswer, ModelAsk } from './model-gateway.js';
import type { Tool } from './tool.js';

/**
 * What a policy works with. Whatever it does through this is journaled and, once finished, never done again: after a crash the
 * policy runs anew from its start, and each finished step gives what it gave. So between the steps a policy must be deterministic:
 * times, random numbers and everything it looks up belong into a step.
 */
export interface Run {
  readonly id: string;
  /** aborted when the time is over or another worker has the run */
  readonly signal: AbortSignal;
  /** label of everything that reached the run so far */
  readonly taint: Taint;
  /** Anything that is not the same each time. What it gives must be JSON; a step that is cut off may run again. */
  step<T>(name: string, work: () => Promise<T> | T): Promise<T>;
  /** Throws ToolRefused or ToolFailed. */
  tool<In, Out>(tool: Tool<In, Out>, args: In): Promise<Out>;
  /** Throws ModelUnavailable, OverBudget or OffSchema; not caught, they lead to the agent's fallback. */
  model<T>(ask: ModelAsk<T>): Promise<ModelAnswer<T>>;
  /** The same run with names of its own for its steps, one level deeper: members that work side by side need one each. */
  scope(name: string): Run;
  /** Counts a turn. Throws LimitReached instead of beginning one too many. */
  turn(): void;
  /** Adds a reason to the outcome: a code or a text that names no person. */
  because(reason: string): void;
  /** Says who decides, when it is not as it seems: a model when one answered, else the analyst. */
  decidedBy(who: DecidedBy): void;
}
