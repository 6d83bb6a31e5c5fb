import { DeadLetterDiscarded } from '@towpath/contracts/platform/DeadLetterDiscarded.v1';
import { DeadLetterRedriven } from '@towpath/contracts/platform/DeadLetterRedriven.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { DeadLetter } from './settle.decider.js';

/** One dead letter: it opens once and is settled once; a redriven message that fails again is another dead letter. */
export const deadLetters = aggregate<DeadLetter>({
  stream: 'dead-letter',
  initial: { status: 'unknown', settledBy: null, messageId: null, handler: null, keyHeld: false },
  evolve(letter, event) {
    if (isOf(DeadLettered, event)) {
      const { originEventId: messageId, handler, keyHeld } = event.data;
      // Letters of before have no such field.
      return { ...letter, status: 'open', messageId, handler, keyHeld: keyHeld === true };
    }
    const settledBy = event.metadata.causationId;
    if (isOf(DeadLetterRedriven, event)) return { ...letter, status: 'redriven', settledBy };
    if (isOf(DeadLetterDiscarded, event)) return { ...letter, status: 'discarded', settledBy };
    return letter;
  },
});
