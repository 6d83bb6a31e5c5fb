import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { failed, isReply, OUTCOMES } from './reply-outcome.js';
import { ticketCase } from './ticket-case.js';

type Message = Received<typeof EffectOutcomeUnknown>;

/** Nobody knows whether a reply was sent: a person gets the ticket, and looks before writing again. */
@Handles(EffectOutcomeUnknown, { emits: OUTCOMES })
export class RecordUnknownEffect implements Handler<typeof EffectOutcomeUnknown, typeof OUTCOMES> {
  reads({ data }: Message): Reads {
    return isReply(data) ? { streams: [ticketCase.of(data.subjectId)] } : {};
  }

  handle({ data }: Message, state: DecisionState): Emission<(typeof OUTCOMES)[number]>[] {
    if (!isReply(data)) return [];
    const { subjectId: ticketId, effectId } = data;
    return failed(state.of(ticketCase, ticketId), { ticketId, effectId, at: state.now }, 'OUTCOME_UNKNOWN');
  }
}
