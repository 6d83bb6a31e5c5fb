import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { LeadClosed } from '@towpath/contracts/growth/LeadClosed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { leads } from './lead.js';

type Message = Received<typeof CustomerSignedUp>;

/** A lead became a customer: it is won, and nobody follows it up any more. */
@Handles(CustomerSignedUp, { emits: [LeadClosed] })
export class WinLead implements Handler<typeof CustomerSignedUp, readonly [typeof LeadClosed]> {
  reads({ data }: Message): Reads {
    return { streams: [leads.of(data.customerId)] };
  }

  handle({ data: { customerId: contactId } }: Message, state: DecisionState): Emission<typeof LeadClosed>[] {
    const { assignment, waitsSince } = state.of(leads, contactId);
    if (!assignment && waitsSince === null) return [];
    const won = { contactId, outcome: 'won', rep: assignment?.rep ?? null, actor: null, reason: 'they signed up' };
    return [emit(LeadClosed, { ...won, closedAt: state.now.getTime() })];
  }
}
