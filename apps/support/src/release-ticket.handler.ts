import { ReleaseTicket } from '@towpath/contracts/support/ReleaseTicket.v1';
import { TicketReleased } from '@towpath/contracts/support/TicketReleased.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { ticketCase } from './ticket-case.js';

const EMITS = [TicketReleased] as const;
type Message = Received<typeof ReleaseTicket>;

/** A person gives a ticket back: the bot answers what the customer writes from now on. */
@Handles(ReleaseTicket, { emits: EMITS })
export class ReleaseTicketToBot implements Handler<typeof ReleaseTicket, typeof EMITS> {
  reads({ data }: Message): Reads {
    return { streams: [ticketCase.of(data.ticketId)] };
  }

  handle({ data }: Message, state: DecisionState): Emission<typeof TicketReleased>[] {
    const { ticketId, actor, reason } = data;
    if (state.of(ticketCase, ticketId).owner !== 'person') {
      throw new Permanent('TICKET_NOT_TAKEN', `no person has ticket ${ticketId}; see \`towpath trace ${ticketId}\``);
    }
    return [emit(TicketReleased, { ticketId, actor, reason, releasedAt: state.now.getTime() })];
  }
}
