import { CloseLead as Close } from '@towpath/contracts/growth/CloseLead.v1';
import { LeadClosed } from '@towpath/contracts/growth/LeadClosed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { leads } from './lead.js';
import { leadNotOpen } from './lead-refused.js';

/** A person ends a lead: won, lost or disqualified. Its rep has room for another. */
@Handles(Close, { emits: [LeadClosed] })
export class CloseLead implements Handler<typeof Close, readonly [typeof LeadClosed]> {
  reads({ data }: Received<typeof Close>): Reads {
    return { streams: [leads.of(data.contactId)] };
  }

  handle({ data }: Received<typeof Close>, state: DecisionState): Emission<typeof LeadClosed>[] {
    const { contactId, outcome, actor, reason } = data;
    const { assignment, waitsSince } = state.of(leads, contactId);
    if (!assignment && waitsSince === null) throw leadNotOpen(contactId);
    const rep = assignment?.rep ?? null;
    return [emit(LeadClosed, { contactId, outcome, rep, actor, reason, closedAt: state.now.getTime() })];
  }
}
