import { Injectable } from '@nestjs/common';
import { DeadLetterDiscarded } from '@towpath/contracts/platform/DeadLetterDiscarded.v1';
import { DiscardDeadLetter } from '@towpath/contracts/platform/DiscardDeadLetter.v1';
import { Handles, type DecisionState, type Reads } from '../handles.js';
import { emit, type Emission, type Received } from '../message.js';
import { deadLetters } from './dead-letter.js';
import { LetterOwner } from './letter-owner.js';
import { unknownDeadLetter } from './unknown-dead-letter.js';
import { settling } from './settle.decider.js';

/** Lets a dead letter of this service rest. Part of every consumer group of a service with a store. */
@Injectable()
@Handles(DiscardDeadLetter, { emits: [DeadLetterDiscarded] })
export class DiscardDeadLetterOfThisService {
  constructor(private readonly owner: LetterOwner) {}

  reads({ data }: Received<typeof DiscardDeadLetter>): Reads {
    return { streams: [deadLetters.of(data.deadLetterId)] };
  }

  handle(
    { data }: Received<typeof DiscardDeadLetter>,
    state: DecisionState,
  ): readonly Emission<typeof DeadLetterDiscarded>[] {
    const { deadLetterId, actor, reason } = data;
    const verdict = settling(state.of(deadLetters, deadLetterId), data, this.owner);
    if (verdict === 'unknown') throw unknownDeadLetter(deadLetterId, this.owner.service);
    if (verdict === 'nothing') return [];
    return [emit(DeadLetterDiscarded, { deadLetterId, discardedAt: state.now.getTime(), actor, reason })];
  }
}
