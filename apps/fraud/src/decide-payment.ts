import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { ReviewDeadlinePassed } from '@towpath/contracts/fraud/ReviewDeadlinePassed.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { HoldPayouts } from '@towpath/contracts/payments/HoldPayouts.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { emit, remind, type Emission } from '@towpath/service-kit/message';
import type { AccountState } from './account.js';
import type { FraudCase } from './fraud-case.js';
import { cancelOpen, capture, giveBack, MONEY_COMMANDS } from './money-commands.js';
import type { PaymentFacts } from './payment-facts.js';
import type { AccountRow } from './profiles/account-profile.js';
import { accountReviewId, paymentReviewId, reviewDeadline } from './reviews.js';
import { RULES } from './rules.js';
import { assess, type Assessment, type Profiles } from './score.decider.js';

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

/** The one decision of a payment with its effects. Callers make sure that none was made before. */
export function decidePayment(input: DecisionInput): DecisionEmission[] {
  const { facts, state, account, profiles, now } = input;
  if (account.frozen) return blockUnscored(input, account.frozen);
  const assessment = assess(facts, profiles);
  switch (assessment.outcome) {
    case 'approved':
      return [
        emit(PaymentApproved, decisionOf(facts, assessment, now)),
        ...capture(state, facts, 'approved by the rules'),
      ];
    case 'held':
      return hold(input, assessment);
    case 'blocked':
      return block(input, assessment);
  }
}

function hold({ facts, state, now }: DecisionInput, assessment: Assessment): DecisionEmission[] {
  const { paymentId } = facts;
  const reviewId = paymentReviewId(paymentId);
  const expiresAt = reviewDeadline(facts, state.captured);
  const reason = reasonOf(assessment);
  return [
    emit(PaymentHeldForReview, { ...decisionOf(facts, assessment, now), reviewId, expiresAt }),
    emit(ReviewRequested, { reviewId, subjectType: 'payment', subjectId: paymentId, reason, dueAt: expiresAt }),
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
    emit(ReviewRequested, { reviewId, subjectType: 'account', subjectId: accountId, reason, dueAt: null }),
  ];
}

function blockUnscored(
  { facts, state, now }: DecisionInput,
  { reason, canceledPayments }: NonNullable<AccountState['frozen']>,
): DecisionEmission[] {
  const unscored = { outcome: 'blocked', score: 0, signals: [], missing: [] } as const;
  const assessment: Assessment = { ...unscored, freeze: undefined, rulesVersion: RULES.version };
  const remedy = state.captured ? 'refund' : 'cancel';
  const blocked = emit(PaymentBlocked, { ...decisionOf(facts, assessment, now), decidedBy: 'account-frozen', remedy });
  // A case that waited for its context when the account was frozen was cancelled with the others.
  if (!state.captured && canceledPayments.includes(facts.paymentId)) return [blocked];
  return [blocked, ...giveBack(state, facts, `account frozen: ${reason}`)];
}

function decisionOf(facts: PaymentFacts, assessment: Assessment, now: Date): PaymentApproved {
  const { paymentId, accountId, chargeId, amountMinor, currency, chargedAt } = facts;
  const { score, signals, missing, rulesVersion } = assessment;
  const payment = { paymentId, accountId, chargeId, amountMinor, currency, chargedAt };
  return { ...payment, score, signals, missing, rulesVersion, decidedBy: 'rules', decidedAt: now.getTime() };
}

/** The two strongest signals in words. */
function reasonOf({ signals, score }: Assessment): string {
  const strongest = signals.filter(({ points }) => points > 0).sort((a, b) => b.points - a.points);
  const words = strongest.slice(0, 2).map(({ name, value, evidence }) => `${name} ${value} (${evidence})`);
  return `score ${score}: ${words.join('; ')}`;
}
