import { LoanReviewOpened } from '@towpath/contracts/lending/LoanReviewOpened.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { requestReview, type ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import type { LoanFacts } from './credit-facts.js';
import { CREDIT_ANALYST } from './credit-analyst.agent.js';
import type { ReviewDecision } from './loan.decider.js';
import type { LoanCase } from './loan-case.js';
import { RULE_VERSIONS } from './rule-versions.js';

export const LOAN_REVIEW_EMITS = [LoanReviewOpened, ReviewRequested, ReviewClosed] as const;
type LoanReviewEmission = Emission<(typeof LOAN_REVIEW_EMITS)[number]>;

/** A working day. */
const SLA_MINUTES = 480;

/** What the analysis behind a review was; all null when there was no report to analyse. */
export interface Analysis {
  readonly inputsHash: string | null;
  readonly score: number | null;
  readonly riskLevel: string | null;
  readonly runId: string | null;
}

export const NO_ANALYSIS: Analysis = { inputsHash: null, score: null, riskLevel: null, runId: null };

/** The same for an application however often it is asked. */
export function loanReviewId(applicationId: string): string {
  return `loan-review_${applicationId}`;
}

/** Asks a person. A review that is open was about other evidence: it ends as stale, and what was decided of it does not hold. */
export function askPerson(
  facts: LoanFacts,
  { review }: LoanCase,
  decision: ReviewDecision,
  { analysis, now }: { readonly analysis: Analysis; readonly now: Date },
): LoanReviewEmission[] {
  const { applicationId, applicantId } = facts;
  const { why, offer, reasons } = decision;
  const opened: LoanReviewOpened = {
    ...{ applicationId, applicantId, reviewId: loanReviewId(applicationId), reason: why },
    offer: { ...offer, conditions: [...offer.conditions] },
    reasons: reasons.map(({ code }) => code),
    ...analysis,
    ruleVersions: RULE_VERSIONS,
    openedAt: now.getTime(),
  };
  return [
    ...(review ? [emit(ReviewClosed, { reviewId: review.reviewId, outcome: 'stale', actor: null })] : []),
    emit(LoanReviewOpened, opened),
    requestReview(loanReview(opened)),
  ];
}

/** Ends a review that nobody needs to decide any more; nothing when there is none. */
export function endReview({ review }: LoanCase): LoanReviewEmission[] {
  return review ? [emit(ReviewClosed, { reviewId: review.reviewId, outcome: 'superseded', actor: null })] : [];
}

/** What a person is asked: to grant exactly this offer on exactly this evidence. */
export function loanReview(opened: LoanReviewOpened): ReviewRequest {
  const { applicationId, reviewId, reason, offer, reasons, inputsHash, score, riskLevel, runId, ruleVersions } = opened;
  const { amountMinor, currency, termMonths, aprBasisPoints, conditions } = offer;
  return {
    ...{ reviewId, service: 'lending', subjectType: 'loan', subjectId: applicationId, reason },
    action: 'ApproveLoan',
    arguments: { applicationId, amountMinor, currency, termMonths, aprBasisPoints, conditions },
    evidence: { inputsHash, score, riskLevel, reasons, ruleVersions },
    ...(runId !== null && { agent: CREDIT_ANALYST, runId }),
    amount: { minor: amountMinor, currency },
    slaMinutes: SLA_MINUTES,
  };
}
