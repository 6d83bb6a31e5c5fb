import type { Policy } from '../agent.js';
import type { Run } from '../run.js';
import type { Turn } from './termination.decider.js';
import { Turns } from './turns.js';

/** What a specialist comes to: a decision, or somebody else's turn. */
export type Handoff<Out> =
  | { readonly decision: Out }
  | {
      readonly to: string;
      /** what the next one should know */
      readonly note: string;
    };

/** What a specialist is given. */
export interface Handed<In> {
  readonly input: In;
  /** who had it before, and what they said */
  readonly history: readonly Turn[];
}

interface HandoffPattern<In, Out> {
  first(input: In): string;
  readonly specialists: Readonly<
    Record<string, (handed: Handed<In>, run: Run) => Promise<Handoff<Out>> | Handoff<Out>>
  >;
}

/**
 * One specialist has the case and hands it on when it is another's. Its risk is ping-pong: whoever had it never gets it again;
 * that goes to a person with the history. Each handoff is one level deeper, so the limit of depth bounds the chain.
 */
export function handoff<In, Out>(pattern: HandoffPattern<In, Out>): Policy<In, Out> {
  return async (input, run) => {
    const turns = new Turns(run);
    let name = pattern.first(input);
    for (let scope = run; ; scope = scope.scope(name)) {
      const specialist = Object.hasOwn(pattern.specialists, name) ? pattern.specialists[name] : undefined;
      if (!specialist) throw turns.needsHuman('HANDOFF_UNKNOWN', `there is no specialist ${name}`);
      const act = (handed: Handed<In>, own: Run) => specialist(handed, own);
      const result = await turns.take({ name, act }, { input, history: turns.history }, scope);
      turns.ended({ done: 'decision' in result, refused: refusalOf(result, turns.history) });
      if ('decision' in result) return result.decision;
      run.because(`HANDOFF ${name} ${result.to}`);
      name = result.to;
    }
  };
}

function refusalOf(result: Handoff<unknown>, history: readonly Turn[]) {
  if ('decision' in result) return undefined;
  const path = history.map(({ member }) => member);
  if (!path.includes(result.to)) return undefined;
  return { code: 'HANDOFF_PING_PONG', reason: `${[...path, result.to].join(' → ')}: ${result.to} had it before` };
}
