import { DeadLetterDiscarded } from '@towpath/contracts/platform/DeadLetterDiscarded.v1';
import { DeadLetterRedriven } from '@towpath/contracts/platform/DeadLetterRedriven.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { DeadLetter } from './settle.decider.js';

/** One dead letter: it opens once and is settled once; a redriven message that fails again is another dead letter. */
export const deadLetters = aggregate<DeadLetter>({
  stream: 'dead-letter',
  initial: { status: 'unknown', settledBy: null },
  evolve(letter, event) {
    if (isOf(DeadLettered, event)) return { ...letter, status: 'open' };
    const settledBy = event.metadata.causationId;
    if (isOf(DeadLetterRedriven, event)) return { status: 'redriven', settledBy };
    if (isOf(DeadLetterDiscarded, event)) return { status: 'discarded', settledBy };
    return letter;
  },
});
