import { LeadTaken } from '@towpath/contracts/growth/LeadTaken.v1';
import { TakeLead as Take } from '@towpath/contracts/growth/TakeLead.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { leads } from './lead.js';
import { leadNotOpen, leadTaken } from './lead-refused.js';

/** Somebody works on a lead: nobody is reminded of it any more. */
@Handles(Take, { emits: [LeadTaken] })
export class TakeLead implements Handler<typeof Take, readonly [typeof LeadTaken]> {
  reads({ data }: Received<typeof Take>): Reads {
    return { streams: [leads.of(data.contactId)] };
  }

  handle({ data: { contactId, actor } }: Received<typeof Take>, state: DecisionState): Emission<typeof LeadTaken>[] {
    const { assignment } = state.of(leads, contactId);
    if (!assignment) throw leadNotOpen(contactId);
    if (assignment.takenBy !== null) throw leadTaken(contactId, assignment.takenBy);
    return [emit(LeadTaken, { contactId, actor, takenAt: state.now.getTime() })];
  }
}
