import { erasedAmong, type Answered, type BacktestRecord } from './backtest-record.js';
import { flipReasons, type FlipReason } from './flip-reasons.js';
import type { PastService } from './past-service.js';

/** How one subject came out otherwise. */
export interface Flip {
  readonly subject: string;
  /** the answer, such as PaymentApproved; null: not decided */
  readonly recorded: string | null;
  readonly replayed: string | null;
  /** message because of which it was decided otherwise */
  readonly message: string;
  /** what the two decisions say otherwise of themselves, and what their agents were told otherwise */
  readonly why: readonly FlipReason[];
}

/** What was recorded, what was decided again, and what of it can be compared. */
export interface Compared {
  readonly recorded: BacktestRecord;
  readonly replayed: BacktestRecord;
  /** ids of the messages that were decided again */
  readonly handled: ReadonlySet<string>;
  /** ids of those among them that were decided without words of somebody who was erased since */
  readonly erased: ReadonlySet<string>;
}

/** How two records differ, subject by subject. Left out are subjects whose people were erased: nobody can know what was said. */
export async function comparison(past: PastService, compared: Compared) {
  const { recorded, replayed } = compared;
  const gone = await erasedAmong(past, recorded.answers);
  const subjects = new Set([...recorded.answers.keys(), ...replayed.answers.keys()]);
  const pairs = [...subjects]
    .map((subject) => ({ subject, was: recorded.answers.get(subject), is: replayed.answers.get(subject) }))
    .filter((pair) => !gone.has(pair.subject) && isComparable(pair, compared));
  const flips = pairs
    .filter(({ was, is }) => was?.answer !== is?.answer)
    .map(({ subject, was, is }): Flip => {
      const why = [...toldOtherwise(recorded, was, replayed, is), ...flipReasons(was, is)];
      const [before, now] = [was?.answer ?? null, is?.answer ?? null];
      return { subject, recorded: before, replayed: now, message: (is ?? was)!.message, why };
    });
  return { flips, compared: pairs.filter(({ was }) => was !== undefined).length };
}

interface Pair {
  readonly was: Answered | undefined;
  readonly is: Answered | undefined;
}

function isComparable({ was, is }: Pair, { handled, erased }: Compared): boolean {
  // What a message of before the window led to within it is not decided again.
  if (!is && !handled.has(was!.message)) return false;
  return ![was, is].some((one) => one !== undefined && erased.has(one.message));
}

/** Agents that were asked anew by other instructions than before, or were not asked before. */
function toldOtherwise(
  recorded: BacktestRecord,
  was: Answered | undefined,
  replayed: BacktestRecord,
  is: Answered | undefined,
): FlipReason[] {
  const before = was && recorded.instructionsFor(was.message);
  const now = (is && replayed.instructionsFor(is.message)) ?? new Map<string, string>();
  return [...now].flatMap(([agent, version]) => {
    const then = before?.get(agent) ?? '(not asked)';
    return then === version ? [] : [{ field: `instructions of ${agent}`, recorded: then, replayed: version }];
  });
}
