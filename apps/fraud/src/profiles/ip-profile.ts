import { secondsOf, tagOf, type PaymentFacts } from '../payment-facts.js';
import { RULES } from '../rules.js';
import { countWithin, endOfEarlier, insertRecent, type Recent } from './recent.js';

/** Recent payments from one address: `[seconds, tag, tag of the card or 0]`. */
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

export function withIpPayment(row: IpRow | undefined, facts: PaymentFacts): IpRow {
  const card = facts.cardFingerprint === null ? 0 : tagOf(facts.cardFingerprint);
  const entry = [secondsOf(facts.chargedAt), tagOf(facts.paymentId), card];
  return { recent: insertRecent(row?.recent ?? [], entry, RECENT_MAX) };
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
