import { LeadEnriched } from '@towpath/contracts/growth/LeadEnriched.v1';
import { LeadScored } from '@towpath/contracts/growth/LeadScored.v1';
import { LeadSignalNoted } from '@towpath/contracts/growth/LeadSignalNoted.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import type { DecisionState, Reads } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import { onboarding } from '../onboarding/onboarding.js';
import { purchases } from '../thanks/purchases.js';
import { assign, ASSIGNING, readsOfLoads } from './assign.js';
import { domainKind, seniority } from './enrich.decider.js';
import { leads, type Lead } from './lead.js';
import { territoryOf, type Team } from './team.js';
import { SCORE_RULES } from './score-rules.js';
import { scoreOf, type LeadScore } from './score.decider.js';

/** Everything that a signal may lead to. */
export const QUALIFYING = [LeadSignalNoted, LeadEnriched, LeadScored, ...ASSIGNING] as const;
export type Qualifying = Emission<(typeof QUALIFYING)[number]>;

/** What somebody did, told by a form or a product, with what they told of themselves. */
export interface Signal extends Omit<LeadSignalNoted, 'notedAt'> {
  readonly jobTitle: string | null;
  readonly country: string | null;
  readonly employees: number | null;
  readonly interests: readonly string[];
  readonly plan: string | null;
  readonly count: number | null;
}

/** Where leads go. */
export interface Desk {
  readonly team: Team;
  readonly salesChannel: string;
}

const RECENT_MS = 30 * 24 * 3_600_000;

export function readsToQualify(contactId: string, { team }: Desk): Reads {
  return {
    streams: [leads.of(contactId), onboarding.of(contactId), purchases.of(contactId)],
    rows: readsOfLoads(team),
  };
}

/** Puts together what is known, scores it, and gives who is likely enough to buy to a rep; a rep who has the lead hears of the news. */
export function qualify(signal: Signal, desk: Desk, state: DecisionState): Qualifying[] {
  const { contactId, signalId } = signal;
  const before = state.of(leads, contactId);
  if (before.signalIds.includes(signalId)) return [];
  const now = state.now.getTime();
  const enriched = enrich(signal, before, desk.team, state);
  const score = scoreOf(enriched);
  const { territory, kind } = enriched;
  const { score: value, grade, factors } = score;
  const scored = { contactId, signalId, score: value, grade, kind, territory, factors: [...factors] };
  const after: Lead = { ...before, score: { value, grade, territory } };
  return [
    emit(LeadSignalNoted, noted(signal, now)),
    emit(LeadEnriched, { ...enriched, enrichedAt: now }),
    emit(LeadScored, { ...scored, rulesVersion: SCORE_RULES.version, scoredAt: now }),
    ...next(signal, after, score, desk, state),
  ];
}

function next(signal: Signal, lead: Lead, { score, grade }: LeadScore, desk: Desk, state: DecisionState): Qualifying[] {
  const { contactId, signalId, code } = signal;
  const { assignment } = lead;
  if (assignment) {
    const channel = desk.team.reps.find(({ name }) => name === assignment.rep)?.channel ?? desk.salesChannel;
    const text = `${assignment.rep}: your lead ${contactId} did something again (${code}); its score is ${score} of 100 now.`;
    return [emit(PostNotice, { noticeId: `lead_${contactId}_signal_${signalId}`, channel, text })];
  }
  // One that waits has its timer.
  if (grade === 'cold' || lead.waitsSince !== null) return [];
  return assign(contactId, lead, desk, state);
}

function enrich(signal: Signal, before: Lead, team: Team, state: DecisionState): Omit<LeadEnriched, 'enrichedAt'> {
  const { contactId, signalId, kind, code, product, email, jobTitle, country, employees, count, mayMail } = signal;
  const customer = state.of(onboarding, contactId).started;
  const recent = before.signaledAt.filter((at) => at > state.now.getTime() - RECENT_MS);
  return {
    ...{ contactId, signalId, kind, code, product, country, employees, count, mayMail },
    domain: domainKind(email),
    territory: territoryOf(team, country),
    seniority: seniority(jobTitle),
    interests: [...signal.interests],
    plan: signal.plan ?? customer?.plan ?? null,
    isCustomer: customer !== null,
    purchases: state.of(purchases, contactId).count,
    signals: recent.length + 1,
    wrote: signal.message !== null,
  };
}

function noted(signal: Signal, notedAt: number): LeadSignalNoted {
  const { contactId, signalId, kind, code, product, source, email, name, company, message, mayMail, signaledAt } =
    signal;
  return {
    contactId,
    signalId,
    kind,
    code,
    product,
    source,
    email,
    name,
    company,
    message,
    mayMail,
    signaledAt,
    notedAt,
  };
}
