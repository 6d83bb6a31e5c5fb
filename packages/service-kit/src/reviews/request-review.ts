import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { emit, type Emission } from '../message.js';
import { actionHash, type ProposedAction } from './action-hash.js';

/** What a service asks people to decide. */
export interface ReviewRequest extends ProposedAction {
  /** the same however often it is asked; it may be asked anew after it was closed */
  readonly reviewId: string;
  /** the service that asks */
  readonly service: string;
  readonly subjectType: string;
  readonly subjectId: string;
  /** why a person is needed; names nobody */
  readonly reason: string;
  /** when it is decided without a person, milliseconds since the epoch; left out = never */
  readonly dueAt?: number | null;
  readonly agent?: string;
  readonly runId?: string;
  /** money at stake: above a limit of its currency two people have to agree */
  readonly amount?: { readonly minor: number; readonly currency: string };
  /** a text to a person, encrypted with that person's key; with it an edit is possible */
  readonly proposed?: { readonly text: string; readonly personId: string };
  /** roles that may decide it; left out = every role that reviews for the service */
  readonly roles?: readonly string[];
  /** how soon somebody should decide, in minutes; left out = the console's default */
  readonly slaMinutes?: number;
}

export type Choice = 'approve' | 'edit' | 'reject';

/** The message that asks people to decide. Its hash covers action, arguments and evidence as they are given here. */
export function requestReview(request: ReviewRequest): Emission<typeof ReviewRequested> {
  const { reviewId, service, subjectType, subjectId, reason, action, evidence, proposed } = request;
  const choices: Choice[] = proposed ? ['approve', 'edit', 'reject'] : ['approve', 'reject'];
  return emit(ReviewRequested, {
    ...{ reviewId, subjectType, subjectId, reason, service, action, choices },
    ...circumstancesOf(request),
    actionHash: actionHash(request),
    evidence: JSON.stringify(evidence),
    personId: proposed?.personId ?? '',
    proposedText: proposed?.text ?? null,
  });
}

function circumstancesOf({ dueAt = null, agent, runId, amount, roles = [], slaMinutes }: ReviewRequest) {
  const money = { amountMinor: amount?.minor ?? null, currency: amount?.currency.toLowerCase() ?? null };
  return {
    dueAt,
    agent: agent ?? null,
    runId: runId ?? null,
    ...money,
    roles: [...roles],
    slaMinutes: slaMinutes ?? null,
  };
}
