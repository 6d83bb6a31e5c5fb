import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { OpinionDeadlinePassed } from '@towpath/contracts/fraud/OpinionDeadlinePassed.v1';
import { OpinionWanted } from '@towpath/contracts/fraud/OpinionWanted.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { ReviewDeadlinePassed } from '@towpath/contracts/fraud/ReviewDeadlinePassed.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { HoldPayouts } from '@towpath/contracts/payments/HoldPayouts.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { emit, remind, type Emission } from '@towpath/service-kit/message';
import { requestReview } from '@towpath/service-kit/reviews/request-review';
import { accountReview } from './account-review.js';
import type { AccountState } from './account.js';
import type { FraudCase } from './fraud-case.js';
import { cancelOpen, capture, giveBack, MONEY_COMMANDS } from './money-commands.js';
import type { PaymentFacts } from './payment-facts.js';
import { paymentReview, reasonOf } from './payment-review.js';
import type { AccountRow } from './profiles/account-profile.js';
import { accountReviewId, paymentReviewId, reviewDeadline } from './reviews.js';
import type { Rules } from './rules.js';
import { assess, isGrey, type Assessment, type ModelView, type Profiles } from './score.decider.js';

/** Everything a decision may lead to. */
export const DECISION_EMITS = [
  PaymentApproved,
  PaymentHeldForReview,
  PaymentBlocked,
  AccountFrozen,
  HaltCaptures,
  HoldPayouts,
  ReviewRequested,
  ReviewDeadlinePassed,
  OpinionWanted,
  OpinionDeadlinePassed,
  ...MONEY_COMMANDS,
] as const;
type DecisionEmission = Emission<(typeof DECISION_EMITS)[number]>;

/** What one decision looks at. */
export interface DecisionInput {
  readonly facts: PaymentFacts;
  /** the case with these facts in it */
  readonly state: FraudCase;
  readonly account: AccountState;
  readonly accountRow: AccountRow | undefined;
  readonly profiles: Profiles;
  readonly now: Date;
}

/** By what it is judged, whether a model can be asked, and what it said. */
export interface Asking {
  readonly rules: Rules;
  /** true when somebody is there to be asked about a payment in the grey zone */
  readonly asks: boolean;
  readonly model?: ModelView | undefined;
}

/**
 * The one decision of a payment with its effects, or, in the grey zone, the question to a model that comes before it. Callers make
 * sure that neither was made before.
 */
export function decidePayment(input: DecisionInput, { rules, asks, model }: Asking): DecisionEmission[] {
  const { facts, state, account, profiles, now } = input;
  if (account.frozen) return blockUnscored(input, account.frozen, rules);
  const assessment = assess(facts, profiles, rules, model);
  if (asks && isGrey(assessment, rules)) return askForOpinion(input, assessment, rules);
  switch (assessment.outcome) {
    case 'approved':
      return [
        emit(PaymentApproved, decisionOf(facts, assessment, now)),
        ...capture(state, facts, `approved by the ${WORDS[assessment.decidedBy]}`),
      ];
    case 'held':
      return hold(input, assessment);
    case 'blocked':
      return block(input, assessment);
  }
}

/** What names the rows of the decision goes along, so that whoever decides needs no second step. */
function askForOpinion({ facts, now }: DecisionInput, { score }: Assessment, { grey }: Rules): DecisionEmission[] {
  const { paymentId, accountId, cardFingerprint, ipHash, merchantId } = facts;
  const keys = { paymentId, accountId, cardFingerprint, ipHash, merchantId };
  const deadline = new Date(now.getTime() + grey.waitMs);
  const wanted = { ...keys, score, answerBefore: deadline.getTime() };
  return [
    emit(OpinionWanted, wanted),
    remind(OpinionWanted, now, wanted),
    remind(OpinionDeadlinePassed, deadline, keys),
  ];
}

function hold({ facts, state, now }: DecisionInput, assessment: Assessment): DecisionEmission[] {
  const { paymentId } = facts;
  const reviewId = paymentReviewId(paymentId);
  const expiresAt = reviewDeadline(facts, state.captured);
  const held = { ...decisionOf(facts, assessment, now), reviewId, expiresAt };
  const { runId } = assessment;
  return [
    emit(PaymentHeldForReview, held),
    requestReview({
      ...paymentReview(facts, held, state, reasonOf(assessment)),
      ...(runId && { agent: 'fraud', runId }),
    }),
    ...(expiresAt === null ? [] : [remind(ReviewDeadlinePassed, new Date(expiresAt), { paymentId })]),
  ];
}

function block(input: DecisionInput, assessment: Assessment): DecisionEmission[] {
  const { facts, state, now } = input;
  const remedy = state.captured ? 'refund' : 'cancel';
  const blocked = emit(PaymentBlocked, { ...decisionOf(facts, assessment, now), remedy });
  const back = giveBack(state, facts, reasonOf(assessment));
  if (assessment.freeze === undefined) return [blocked, ...back];
  return [blocked, ...freeze(input, assessment, assessment.freeze, back)];
}

/**
 * Captures stop before anything else is asked for, so that none slips through between the cancellations. Reviews of the
 * cancelled payments end when their cancellation is confirmed.
 */
function freeze(
  { facts, accountRow, now }: DecisionInput,
  assessment: Assessment,
  reason: string,
  back: readonly DecisionEmission[],
): DecisionEmission[] {
  const { accountId, paymentId, connectedAccountId } = facts;
  const { signals, rulesVersion } = assessment;
  const reviewId = accountReviewId(accountId, paymentId);
  const others = (accountRow?.open ?? []).filter(([id]) => id !== paymentId);
  const canceledPayments = others.map(([id]) => id);
  const payoutsHeld = connectedAccountId !== null;
  const frozen = { accountId, reason, paymentId, signals, rulesVersion, canceledPayments, payoutsHeld };
  return [
    emit(AccountFrozen, { ...frozen, reviewId, frozenAt: now.getTime() }),
    emit(HaltCaptures, { accountId, reason }),
    ...cancelOpen(accountId, others, `the account was frozen: ${reason}`),
    ...back,
    ...(payoutsHeld ? [emit(HoldPayouts, { accountId, connectedAccountId, reason })] : []),
    requestReview(accountReview(accountId, { reviewId, reason })),
  ];
}

function blockUnscored(
  { facts, state, now }: DecisionInput,
  { reason, canceledPayments }: NonNullable<AccountState['frozen']>,
  rules: Rules,
): DecisionEmission[] {
  const unscored = {
    outcome: 'blocked',
    decidedBy: 'rules',
    score: 0,
    signals: [],
    opinions: [],
    missing: [],
  } as const;
  const nobody = { disagreement: 0, disputed: undefined, freeze: undefined, runId: null };
  const assessment: Assessment = { ...unscored, ...nobody, rulesVersion: rules.version };
  const remedy = state.captured ? 'refund' : 'cancel';
  const blocked = emit(PaymentBlocked, { ...decisionOf(facts, assessment, now), decidedBy: 'account-frozen', remedy });
  // A case that waited for its context when the account was frozen was cancelled with the others.
  if (!state.captured && canceledPayments.includes(facts.paymentId)) return [blocked];
  return [blocked, ...giveBack(state, facts, `account frozen: ${reason}`)];
}

function decisionOf(facts: PaymentFacts, assessment: Assessment, now: Date): PaymentApproved {
  const { paymentId, accountId, chargeId, amountMinor, currency, chargedAt } = facts;
  const { score, signals, missing, rulesVersion, decidedBy, disagreement, runId } = assessment;
  const payment = { paymentId, accountId, chargeId, amountMinor, currency, chargedAt };
  // Most payments are approved by their score alone, and their signals say as much as opinions would.
  const opinions = assessment.outcome === 'approved' && decidedBy === 'analyst' ? [] : assessment.opinions;
  const judged = { score, signals, missing, rulesVersion, decidedBy, opinions, disagreement, runId };
  return { ...payment, ...judged, decidedAt: now.getTime() };
}

const WORDS = { analyst: 'score', rules: 'rules', model: "score with a model's opinion" } as const;
