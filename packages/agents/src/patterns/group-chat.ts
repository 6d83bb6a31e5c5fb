import type { Policy } from '../agent.js';
import type { Run } from '../run.js';
import type { Turn } from './termination.decider.js';
import { Turns, type Member } from './turns.js';

/** What a member hears: the task and everything said so far. */
export interface Heard<In> {
  readonly input: In;
  readonly history: readonly Turn[];
}

interface GroupChat<In, Out> {
  /** in the order of their turns, again and again */
  readonly members: readonly Member<Heard<In>, unknown>[];
  /** the chat's result, as soon as what was said is one */
  result(history: readonly Turn[], input: In): Out | undefined;
  /** what a chat that repeats itself comes to; without it a person has to decide */
  repeated?(history: readonly Turn[], input: In): Out;
}

/** Members talk in turn until there is a result. Its risk is that they go round in circles: a repeated turn ends it. */
export function groupChat<In, Out>(pattern: GroupChat<In, Out>): Policy<In, Out> {
  return async (input, run) => {
    const turns = new Turns(run);
    for (let place = 0; ; place = (place + 1) % pattern.members.length) {
      await turns.take(pattern.members[place]!, { input, history: turns.history });
      const result = pattern.result(turns.history, input);
      const ended = turns.ended({ done: result !== undefined }, pattern.repeated ? 'done' : 'needs_human');
      if (result !== undefined) return result;
      if (ended) {
        run.because('TURN_REPEATED');
        return pattern.repeated!(turns.history, input);
      }
    }
  };
}

/** A checker's word on a maker's work. */
export interface Check {
  readonly approved: boolean;
  /** what to mend; for people and the maker */
  readonly objections: readonly string[];
}

interface MakerChecker<In, Work> {
  readonly maker: string;
  make(input: In, objections: readonly string[], run: Run): Promise<Work> | Work;
  /** somebody else: nobody checks their own work */
  readonly checker: string;
  check(input: In, work: Work, run: Run): Promise<Check> | Check;
}

/** The two-member chat: nothing leaves it that the checker did not approve. A maker who insists leads to a person. */
export function makerChecker<In, Work>(pattern: MakerChecker<In, Work>): Policy<In, Work> {
  if (pattern.maker === pattern.checker)
    throw new Error(`CHECKER_IS_MAKER: ${pattern.maker} may not check its own work`);
  const last = (history: readonly Turn[], member: string) => history.findLast((turn) => turn.member === member)?.said;
  return groupChat<In, Work>({
    members: [
      {
        name: pattern.maker,
        act: ({ input, history }, run) => {
          const check = last(history, pattern.checker) as Check | undefined;
          return pattern.make(input, check?.objections ?? [], run);
        },
      },
      {
        name: pattern.checker,
        act: ({ input, history }, run) => pattern.check(input, last(history, pattern.maker) as Work, run),
      },
    ],
    result(history) {
      const turn = history.at(-1);
      const approved = turn?.member === pattern.checker && (turn.said as Check).approved;
      return approved ? (last(history, pattern.maker) as Work) : undefined;
    },
  });
}

interface Brainstorm<In, Idea, Out> {
  readonly members: readonly Member<Heard<In>, readonly Idea[]>[];
  /** each member is heard so often at most */
  readonly rounds: number;
  /** chooses among all ideas, each once, in the order they came */
  pick(ideas: readonly Idea[], input: In): Out;
}

/** Members add ideas to each other's. Who has no new one ends it: what is there by then is picked from. */
export function brainstorm<In, Idea, Out>(pattern: Brainstorm<In, Idea, Out>): Policy<In, Out> {
  const turnsMax = pattern.members.length * pattern.rounds;
  const pick = (history: readonly Turn[], input: In): Out => {
    const ideas = new Map(history.flatMap(({ said }) => (said as Idea[]).map((idea) => [JSON.stringify(idea), idea])));
    return pattern.pick([...ideas.values()], input);
  };
  return groupChat<In, Out>({
    members: pattern.members,
    result: (history, input) => (history.length >= turnsMax ? pick(history, input) : undefined),
    repeated: pick,
  });
}
