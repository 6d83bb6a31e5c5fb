import { Injectable } from '@nestjs/common';
import { DeadLetterRedriven } from '@towpath/contracts/platform/DeadLetterRedriven.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { Handles, type DecisionState, type Reads } from '../handles.js';
import { emit, type Emission, type Received } from '../message.js';
import { deadLetters } from './dead-letter.js';
import { LetterOwner } from './letter-owner.js';
import { redrivenId } from './redriven-id.js';
import { settling } from './settle.decider.js';
import { unknownDeadLetter } from './unknown-dead-letter.js';

/**
 * Records that a dead letter of this service goes into the pipeline again; its message follows in the same group, see
 * `Redrives`. Part of every consumer group of a service with a store.
 */
@Injectable()
@Handles(RedriveDeadLetter, { emits: [DeadLetterRedriven], decrypts: true })
export class RedriveDeadLetterOfThisService {
  constructor(private readonly owner: LetterOwner) {}

  reads({ data }: Received<typeof RedriveDeadLetter>): Reads {
    return { streams: [deadLetters.of(data.deadLetterId)] };
  }

  handle(
    { data }: Received<typeof RedriveDeadLetter>,
    state: DecisionState,
  ): readonly Emission<typeof DeadLetterRedriven>[] {
    const { deadLetterId, actor, reason } = data;
    const letter = state.of(deadLetters, deadLetterId);
    const verdict = settling(letter, data, this.owner);
    if (verdict === 'unknown') throw unknownDeadLetter(deadLetterId, this.owner.service);
    if (verdict === 'nothing') return [];
    const edited = data.edited !== null;
    const messageId = edited ? redrivenId(deadLetterId) : (letter.messageId ?? deadLetterId);
    return [
      // When its key went on without it, what it decides now may come after what later messages of the key decided.
      emit(DeadLetterRedriven, {
        deadLetterId,
        messageId,
        edited,
        late: !letter.keyHeld,
        redrivenAt: state.now.getTime(),
        actor,
        reason,
      }),
    ];
  }
}
