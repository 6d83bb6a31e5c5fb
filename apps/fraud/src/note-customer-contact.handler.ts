import { CustomerContactNoted } from '@towpath/contracts/fraud/CustomerContactNoted.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { Handles, type DecisionState, type Handler } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';

const EMITS = [CustomerContactNoted] as const;

/** Whoever disputes a payment may have asked about it before: that is evidence. */
@Handles(TicketReceived, { emits: EMITS })
export class NoteCustomerContact implements Handler<typeof TicketReceived, typeof EMITS> {
  handle({ data }: Received<typeof TicketReceived>, _state: DecisionState): Emission<typeof CustomerContactNoted>[] {
    const { accountId, ticketId, messageId, authorKind, sentAt } = data;
    if (accountId === null || authorKind !== 'customer') return [];
    return [emit(CustomerContactNoted, { accountId, ticketId, messageId, sentAt })];
  }
}
