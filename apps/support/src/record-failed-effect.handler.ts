import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { failed, isReply, OUTCOMES } from './reply-outcome.js';
import { ticketCase } from './ticket-case.js';

type Message = Received<typeof EffectFailed>;

/** A reply did not reach its provider and will not: a person gets the ticket. */
@Handles(EffectFailed, { emits: OUTCOMES })
export class RecordFailedEffect implements Handler<typeof EffectFailed, typeof OUTCOMES> {
  reads({ data }: Message): Reads {
    return isReply(data) ? { streams: [ticketCase.of(data.subjectId)] } : {};
  }

  handle({ data }: Message, state: DecisionState): Emission<(typeof OUTCOMES)[number]>[] {
    if (!isReply(data)) return [];
    const { subjectId: ticketId, effectId, code } = data;
    return failed(state.of(ticketCase, ticketId), { ticketId, effectId, at: state.now }, code);
  }
}
