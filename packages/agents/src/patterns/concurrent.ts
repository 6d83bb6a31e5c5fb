import type { Policy } from '../agent.js';
import { Turns, type Member } from './turns.js';

/** What one member thinks. */
export interface Opinion<Said> {
  readonly member: string;
  readonly said: Said;
}

interface Concurrent<In, Said, Out> {
  readonly members: readonly Member<In, Said>[];
  /** how far apart they are, in the unit of `limit` */
  disagreement(opinions: readonly Opinion<Said>[]): number;
  /** more than this is a person's to settle */
  readonly limit: number;
  /** what they come to when they agree */
  aggregate(opinions: readonly Opinion<Said>[], input: In): Out;
}

/**
 * Members think side by side without hearing each other. Its risk is that a mean hides a lone dissenter: a disagreement above the
 * limit goes to a person with every opinion and is never averaged away.
 */
export function concurrent<In, Said, Out>(pattern: Concurrent<In, Said, Out>): Policy<In, Out> {
  return async (input, run) => {
    const turns = new Turns(run);
    // All are heard out: whoever fails must not leave others at work behind the decision.
    const results = await Promise.allSettled(pattern.members.map((member) => turns.take(member, input)));
    const opinions = results.map((result, place): Opinion<Said> => {
      if (result.status === 'rejected') throw result.reason as Error;
      return { member: pattern.members[place]!.name, said: result.value };
    });
    const apart = pattern.disagreement(opinions);
    // Not `apart > limit`: what can't be measured is no agreement.
    const agree = apart <= pattern.limit;
    const reason = `the members are ${apart} apart, at most ${pattern.limit} is agreement`;
    turns.ended({ done: agree, refused: agree ? undefined : { code: 'MEMBERS_DISAGREE', reason } });
    return pattern.aggregate(opinions, input);
  };
}

/** How far apart numbers are: the largest less the smallest. */
export function spread(values: readonly number[]): number {
  return values.length === 0 ? Number.NaN : Math.max(...values) - Math.min(...values);
}
