import { Inject, Injectable } from '@nestjs/common';
import { DeadLetterDiscarded } from '@towpath/contracts/platform/DeadLetterDiscarded.v1';
import { DiscardDeadLetter } from '@towpath/contracts/platform/DiscardDeadLetter.v1';
import { Handles, type DecisionState, type Reads } from '../handles.js';
import { emit, type Emission, type Received } from '../message.js';
import { SERVICE_NAME } from '../service.js';
import { deadLetters } from './dead-letter.js';
import { unknownDeadLetter } from './unknown-dead-letter.js';
import { settling } from './settle.decider.js';

/** Lets a dead letter of this service rest. Part of every service with a store. */
@Injectable()
@Handles(DiscardDeadLetter, { emits: [DeadLetterDiscarded] })
export class DiscardDeadLetterOfThisService {
  constructor(@Inject(SERVICE_NAME) private readonly service: string) {}

  reads({ data }: Received<typeof DiscardDeadLetter>): Reads {
    return { streams: [deadLetters.of(data.deadLetterId)] };
  }

  handle(
    { data }: Received<typeof DiscardDeadLetter>,
    state: DecisionState,
  ): readonly Emission<typeof DeadLetterDiscarded>[] {
    const { deadLetterId, actor, reason } = data;
    const verdict = settling(state.of(deadLetters, deadLetterId), data, this.service);
    if (verdict === 'unknown') throw unknownDeadLetter(deadLetterId, this.service);
    if (verdict === 'nothing') return [];
    return [emit(DeadLetterDiscarded, { deadLetterId, discardedAt: state.now.getTime(), actor, reason })];
  }
}
