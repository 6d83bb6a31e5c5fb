import { cardPaymentsInWindow, type CardRow } from '../profiles/card-profile.js';
import type { CustomerView } from '../profiles/customer-profile.js';
import type { IpView } from '../profiles/ip-profile.js';
import type { PaymentFacts } from '../payment-facts.js';
import { pointsAt, type Rules } from '../rules.js';
import { signal, unknown, type Signal } from './signal.js';

/** How fast one payer, card or address pays. A burst shows on all three; only the strongest adds its points. */
export function velocities(
  facts: PaymentFacts,
  customer: CustomerView | undefined,
  card: CardRow | undefined,
  ip: IpView | undefined,
  rules: Rules,
): Signal[] {
  const { velocity } = rules;
  const minutes = velocity.windowSeconds / 60;
  const rate = (name: string, count: number, steps: Rules['velocity']['customer'], what = 'attempts'): Signal =>
    signal(name, count, pointsAt(steps, count), `${count} earlier ${what} in ${minutes} minutes`);
  const onCard = card ? cardPaymentsInWindow(card, facts) : 0;
  return strongestOnly([
    customer
      ? rate('velocity-customer', customer.paymentsInWindow, velocity.customer, 'payments')
      : unknown('velocity-customer', 'guest'),
    facts.cardFingerprint === null
      ? unknown('velocity-card', 'no card fingerprint')
      : rate('velocity-card', onCard, velocity.card),
    ip ? rate('velocity-ip', ip.paymentsInWindow, velocity.ip) : unknown('velocity-ip', 'no address'),
  ]);
}

/** Many cards on one address: somebody tries out stolen ones. */
export function ipCards(ip: IpView | undefined, rules: Rules): Signal {
  if (!ip) return unknown('ip-cards', 'no address');
  const minutes = rules.ipCards.windowSeconds / 60;
  return signal('ip-cards', ip.cards, pointsAt(rules.ipCards.steps, ip.cards), `cards in ${minutes} minutes`);
}

function strongestOnly(signals: readonly Signal[]): Signal[] {
  let strongest = signals[0]!;
  for (const one of signals) if (one.points > strongest.points) strongest = one;
  return signals.map((one) =>
    one === strongest || one.points === 0
      ? one
      : { ...one, points: 0, evidence: `${one.evidence}; counted in ${strongest.name}` },
  );
}
