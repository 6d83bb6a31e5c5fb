import { Injectable } from '@nestjs/common';
import { LeadClosed } from '@towpath/contracts/growth/LeadClosed.v1';
import { LeadFollowUpDue } from '@towpath/contracts/growth/LeadFollowUpDue.v1';
import { LeadReminded } from '@towpath/contracts/growth/LeadReminded.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { assign, ASSIGNING, followUp, readsOfLoads } from './assign.js';
import { FOLLOW_UP, timesOf } from './follow-up.js';
import { leads, type Lead } from './lead.js';
import { SalesDesk } from './sales-desk.js';

const EMITS = [...ASSIGNING, LeadReminded, LeadClosed] as const;
type Message = Received<typeof LeadFollowUpDue>;
type Emitted = Emission<(typeof EMITS)[number]>;

/** Time is over for something: the rep is reminded, somebody else gets the lead, it is looked for a rep again, or the lead is over. */
@Injectable()
@Handles(LeadFollowUpDue, { emits: EMITS })
export class FollowUpLead implements Handler<typeof LeadFollowUpDue, typeof EMITS> {
  constructor(private readonly desk: SalesDesk) {}

  reads({ data }: Message): Reads {
    return { streams: [leads.of(data.contactId)], rows: readsOfLoads(this.desk.team) };
  }

  handle({ data }: Message, state: DecisionState): Emitted[] {
    const lead = state.of(leads, data.contactId);
    if (data.step === 'assign') return this.lookForRep(data, lead, state);
    const { assignment } = lead;
    // Taken, closed, or with somebody else by now.
    if (!assignment || assignment.takenBy !== null || assignment.turn !== data.turn) return [];
    if (data.step === 'remind') return this.remind(data, lead, assignment.rep, state);
    if (data.turn >= FOLLOW_UP.turnsMax) return [this.expired(data.contactId, assignment.rep, state)];
    return assign(data.contactId, lead, this.desk, state);
  }

  private lookForRep({ contactId, sinceAt }: LeadFollowUpDue, lead: Lead, state: DecisionState): Emitted[] {
    if (lead.waitsSince !== sinceAt) return [];
    if (state.now.getTime() - sinceAt >= FOLLOW_UP.waiting.giveUpMs) {
      return [this.expired(contactId, lead.assignment?.rep ?? null, state)];
    }
    return assign(contactId, lead, this.desk, state);
  }

  private remind({ contactId, turn }: LeadFollowUpDue, lead: Lead, rep: string, { now }: DecisionState): Emitted[] {
    const { remindMs, reassignMs } = timesOf(lead.score!.grade);
    const channel = this.desk.team.reps.find(({ name }) => name === rep)?.channel ?? this.desk.salesChannel;
    const text = `${rep}: nobody has taken your lead ${contactId} yet; take it with \`towpath leads take ${contactId}\`.`;
    return [
      emit(LeadReminded, { contactId, rep, remindedAt: now.getTime() }),
      emit(PostNotice, { noticeId: `lead_${contactId}_reminder_${now.getTime()}`, channel, text }),
      followUp(contactId, turn, 'reassign', Math.max(0, reassignMs - remindMs), now, now),
    ];
  }

  private expired(contactId: string, rep: string | null, { now }: DecisionState): Emitted {
    const closed = { contactId, outcome: 'expired', rep, actor: null, reason: null };
    return emit(LeadClosed, { ...closed, closedAt: now.getTime() });
  }
}
