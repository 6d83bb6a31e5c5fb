import type { Policy } from '../agent.js';
import type { Run } from '../run.js';
import { Turns } from './turns.js';

/** Why a gate does not let a stage's work pass. */
export interface Refusal {
  /** upper snake case */
  readonly code: string;
  readonly reason: string;
}

/** One link of a chain: takes what is there so far and gives it on. */
export interface Stage<State> {
  readonly name: string;
  work(state: State, run: Run): Promise<State> | State;
  /** looks at the stage's work in code; what it refuses stops the chain */
  gate?(state: State): Refusal | undefined;
}

interface Sequential<In, State, Out> {
  begin(input: In): State;
  readonly stages: readonly Stage<State>[];
  end(state: State): Out;
  /** what a stopped chain decides; without it a person has to */
  stopped?(state: State, refusal: Refusal & { readonly stage: string }): Out;
}

/** One stage after the other, each with its gate. Its risk is that a bad draft goes on being polished: a failed gate stops the chain. */
export function sequential<In, State, Out>(pattern: Sequential<In, State, Out>): Policy<In, Out> {
  return async (input, run) => {
    const turns = new Turns(run);
    let state = pattern.begin(input);
    for (const { name, work, gate } of pattern.stages) {
      state = await turns.take({ name, act: (given: State, scope: Run) => work(given, scope) }, state);
      const refused = gate?.(state);
      if (refused && pattern.stopped) {
        run.because(`GATE ${name} ${refused.code}`);
        return pattern.stopped(state, { ...refused, stage: name });
      }
      // Each stage takes one turn, so none can repeat itself.
      turns.ended({ done: false, refused });
    }
    return pattern.end(state);
  };
}
