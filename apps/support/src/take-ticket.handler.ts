import { TakeTicket } from '@towpath/contracts/support/TakeTicket.v1';
import { TicketTaken } from '@towpath/contracts/support/TicketTaken.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { dropDraft, DROPPING } from './drop-draft.js';
import { ticketCase } from './ticket-case.js';

const EMITS = [TicketTaken, ...DROPPING] as const;
type Message = Received<typeof TakeTicket>;

/** A person takes a ticket: the bot is silent in it from now on, and what it had drafted is dropped. */
@Handles(TakeTicket, { emits: EMITS })
export class TakeTicketOver implements Handler<typeof TakeTicket, typeof EMITS> {
  reads({ data }: Message): Reads {
    return { streams: [ticketCase.of(data.ticketId)] };
  }

  handle({ data }: Message, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { ticketId, actor, reason } = data;
    const at = state.now;
    const drop = { code: 'person-owns', reason: 'a person took the ticket', at } as const;
    return [
      emit(TicketTaken, { ticketId, actor, reason, takenAt: at.getTime() }),
      ...dropDraft(ticketId, state.of(ticketCase, ticketId), drop),
    ];
  }
}
