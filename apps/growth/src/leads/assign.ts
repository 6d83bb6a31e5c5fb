import { LeadAssigned } from '@towpath/contracts/growth/LeadAssigned.v1';
import { LeadFollowUpDue } from '@towpath/contracts/growth/LeadFollowUpDue.v1';
import { LeadWaiting } from '@towpath/contracts/growth/LeadWaiting.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import type { DecisionState, Reads } from '@towpath/service-kit/handles';
import { emit, remind, type Emission } from '@towpath/service-kit/message';
import { FOLLOW_UP, timesOf, type FollowUpStep } from './follow-up.js';
import type { Lead } from './lead.js';
import type { RepLoad } from './rep-loads.projection.js';
import { repLoads } from './rep-loads.projection.js';
import type { Team } from './team.js';
import { route } from './route.decider.js';

/** What giving a lead to a rep may append. */
export const ASSIGNING = [LeadAssigned, LeadWaiting, LeadFollowUpDue, PostNotice] as const;
export type Assigning = Emission<(typeof ASSIGNING)[number]>;

/** The loads of all reps, which whoever assigns reads: two leads at once can't both take the last place. */
export function readsOfLoads({ reps }: Team): NonNullable<Reads['rows']> {
  return reps.map(({ name }) => repLoads.at(name));
}

/** Gives a lead to the rep with most room, or says that it waits. */
export function assign(
  contactId: string,
  lead: Lead,
  { team, salesChannel }: { readonly team: Team; readonly salesChannel: string },
  state: DecisionState,
): Assigning[] {
  const { territory, value, grade } = lead.score!;
  const loadOf = (rep: string) => state.row<RepLoad>(repLoads, rep)?.open ?? 0;
  const found = route(team, territory, loadOf, lead.tried);
  if (found.rep === null) return wait(contactId, lead, found.because, salesChannel, state.now);
  const { rep, load, because } = found;
  const turn = (lead.assignment?.turn ?? 0) + 1;
  const assignedAt = state.now.getTime();
  const previousRep = lead.assignment?.rep ?? null;
  const about = { contactId, rep: rep.name, territory, previousRep, load, capacity: rep.capacity, turn, because };
  const text = `${rep.name}: a ${grade} lead (${value} of 100) is yours: ${contactId}. The CRM has it under this id.`;
  return [
    emit(LeadAssigned, { ...about, assignedAt }),
    emit(PostNotice, { noticeId: `lead_${contactId}_${assignedAt}`, channel: rep.channel, text }),
    followUp(contactId, turn, 'remind', timesOf(grade).remindMs, state.now, state.now),
  ];
}

/** A timer that looks at the lead again. */
export function followUp(
  contactId: string,
  turn: number,
  step: FollowUpStep,
  delayMs: number,
  since: Date,
  now: Date,
): Emission<typeof LeadFollowUpDue> {
  const due = new Date(now.getTime() + delayMs);
  return remind(LeadFollowUpDue, due, { contactId, turn, step, sinceAt: since.getTime() });
}

function wait(contactId: string, lead: Lead, because: string, channel: string, now: Date): Assigning[] {
  const { lookMs } = FOLLOW_UP.waiting;
  const turn = lead.assignment?.turn ?? 0;
  if (lead.waitsSince !== null) return [followUp(contactId, turn, 'assign', lookMs, new Date(lead.waitsSince), now)];
  const waitsSince = now.getTime();
  const { territory } = lead.score!;
  return [
    emit(LeadWaiting, { contactId, territory, because, waitsSince }),
    emit(PostNotice, {
      noticeId: `lead_${contactId}_waits_${waitsSince}`,
      channel,
      text: `The lead ${contactId} waits for a rep: ${because}.`,
    }),
    followUp(contactId, turn, 'assign', lookMs, now, now),
  ];
}
