import type { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { secondsOf, tagOf, type PaymentFacts } from '../payment-facts.js';
import { RULES } from '../rules.js';
import { countWithin, endOfEarlier, hasTag, insertRecent, type Recent } from './recent.js';

/** Recent payments from one address and attempts that failed: `[seconds, tag, tag of the card or 0]`. */
export interface IpRow {
  readonly recent: Recent;
}

export interface IpView {
  readonly paymentsInWindow: number;
  /** different cards in the window, this payment's included */
  readonly cards: number;
}

const RECENT_MAX = 48;
const STRIDE = 3;

type Payment = Pick<PaymentFacts, 'paymentId' | 'chargedAt' | 'cardFingerprint'>;

export function withIpPayment(row: IpRow | undefined, payment: Payment): IpRow {
  const entry = [secondsOf(payment.chargedAt), tagOf(payment.paymentId), cardTag(payment)];
  return { recent: insertRecent(row?.recent ?? [], entry, RECENT_MAX) };
}

/** Several events may tell of one attempt; it counts once. */
export function withFailedIpAttempt(row: IpRow | undefined, failed: FraudCaseUpdated): IpRow {
  const recent = row?.recent ?? [];
  const tag = tagOf(failed.attemptId ?? failed.paymentId);
  if (hasTag(recent, STRIDE, tag)) return { recent };
  return { recent: insertRecent(recent, [secondsOf(failed.changedAt), tag, cardTag(failed)], RECENT_MAX) };
}

function cardTag({ cardFingerprint }: Pick<Payment, 'cardFingerprint'>): number {
  return cardFingerprint === null ? 0 : tagOf(cardFingerprint);
}

export function viewOfIp(row: IpRow | undefined, facts: PaymentFacts): IpView {
  const recent = row?.recent ?? [];
  const seconds = secondsOf(facts.chargedAt);
  const end = endOfEarlier(recent, STRIDE, seconds, tagOf(facts.paymentId));
  const cards = new Set<number>();
  if (facts.cardFingerprint !== null) cards.add(tagOf(facts.cardFingerprint));
  for (let at = end - STRIDE; at >= 0 && recent[at]! > seconds - RULES.ipCards.windowSeconds; at -= STRIDE) {
    if (recent[at + 2] !== 0) cards.add(recent[at + 2]!);
  }
  return {
    paymentsInWindow: countWithin(recent, STRIDE, end, seconds, RULES.velocity.windowSeconds),
    cards: cards.size,
  };
}
