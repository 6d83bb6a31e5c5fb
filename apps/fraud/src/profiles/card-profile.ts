import type { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { secondsOf, tagOf, type PaymentFacts } from '../payment-facts.js';
import { RULES } from '../rules.js';
import { countWithin, endOfEarlier, hasTag, insertRecent, type Recent } from './recent.js';

/** Recent payments of one card and attempts that failed: `[seconds, tag]`. */
export interface CardRow {
  readonly recent: Recent;
}

const RECENT_MAX = 32;
const STRIDE = 2;

export function withCardPayment(row: CardRow | undefined, facts: PaymentFacts): CardRow {
  const entry = [secondsOf(facts.chargedAt), tagOf(facts.paymentId)];
  return { recent: insertRecent(row?.recent ?? [], entry, RECENT_MAX) };
}

/** Several events may tell of one attempt; it counts once. */
export function withFailedCardAttempt(row: CardRow | undefined, failed: FraudCaseUpdated): CardRow {
  const recent = row?.recent ?? [];
  const tag = tagOf(failed.attemptId ?? failed.paymentId);
  if (hasTag(recent, STRIDE, tag)) return { recent };
  return { recent: insertRecent(recent, [secondsOf(failed.changedAt), tag], RECENT_MAX) };
}

/** Payments of the card in the velocity window before this one. */
export function cardPaymentsInWindow(row: CardRow, facts: PaymentFacts): number {
  const seconds = secondsOf(facts.chargedAt);
  const end = endOfEarlier(row.recent, STRIDE, seconds, tagOf(facts.paymentId));
  return countWithin(row.recent, STRIDE, end, seconds, RULES.velocity.windowSeconds);
}
