/** The steps of the saga that all sides run. */
export const STEPS = ['first', 'second', 'third'];

/** One saga in so many has its last step refused, and the two before it undone. */
const REFUSED_EVERY = 10;

/** The n-th saga: which of its steps is refused, and how it must end. */
export function sagaOf(n) {
  const isRefused = n % REFUSED_EVERY === REFUSED_EVERY - 1;
  return { refuses: isRefused ? STEPS.at(-1) : null, ends: isRefused ? 'compensated' : 'completed' };
}

/** A refusal that trying again would not change. */
export class Refused extends Error {}

/** What a participant does for a step: nothing but answer. */
export function echo({ echoId, step, refuse }) {
  if (refuse) throw new Refused(`ECHO_REFUSED: ${step}`);
  return { echoId, step };
}

/** And for its undo. */
export function undoEcho({ echoId, step }) {
  return { echoId, step, undone: true };
}
