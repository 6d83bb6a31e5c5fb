import { cardPaymentsInWindow, type CardRow } from '../profiles/card-profile.js';
import type { CustomerView } from '../profiles/customer-profile.js';
import type { IpView } from '../profiles/ip-profile.js';
import type { PaymentFacts } from '../payment-facts.js';
import type { Steps } from '../learned-score.js';
import { pointsAt, type Rules } from '../rules.js';
import { signal, unknown, type Signal } from './signal.js';

/** How fast one customer pays. */
export function customerVelocity(customer: CustomerView | undefined, rules: Rules): Signal {
  if (!customer) return unknown('velocity-customer', 'guest');
  return rate('velocity-customer', customer.paymentsInWindow, rules.velocity.customer, rules);
}

/** How fast one card is charged, or tried. */
export function cardVelocity(facts: PaymentFacts, card: CardRow | undefined, rules: Rules): Signal {
  if (facts.cardFingerprint === null) return unknown('velocity-card', 'no card fingerprint');
  return rate('velocity-card', card ? cardPaymentsInWindow(card, facts) : 0, rules.velocity.card, rules);
}

/** How fast payments, or tries, come from one address. */
export function ipVelocity(ip: IpView | undefined, rules: Rules): Signal {
  if (!ip) return unknown('velocity-ip', 'no address');
  return rate('velocity-ip', ip.paymentsInWindow, rules.velocity.ip, rules);
}

function rate(name: string, count: number, steps: Steps, { velocity }: Rules): Signal {
  const what = name === 'velocity-customer' ? 'payments' : 'attempts';
  return signal(
    name,
    count,
    pointsAt(steps, count),
    `${count} earlier ${what} in ${velocity.windowSeconds / 60} minutes`,
  );
}

/** Many cards on one address: somebody tries out stolen ones. */
export function ipCards(ip: IpView | undefined, rules: Rules): Signal {
  if (!ip) return unknown('ip-cards', 'no address');
  const minutes = rules.ipCards.windowSeconds / 60;
  return signal('ip-cards', ip.cards, pointsAt(rules.ipCards.steps, ip.cards), `cards in ${minutes} minutes`);
}

const BURST = ['velocity-customer', 'velocity-card', 'velocity-ip'];

/** A burst shows on the payer, the card and the address; only the strongest adds its points. */
export function countedOnce(signals: readonly Signal[]): readonly Signal[] {
  let strongest: Signal | undefined;
  let several = false;
  for (const one of signals) {
    if (one.points === 0 || !BURST.includes(one.name)) continue;
    several ||= strongest !== undefined;
    if (!strongest || one.points > strongest.points) strongest = one;
  }
  if (!several) return signals;
  return signals.map((one) =>
    one === strongest || one.points === 0 || !BURST.includes(one.name)
      ? one
      : { ...one, points: 0, evidence: `${one.evidence}; counted in ${strongest!.name}` },
  );
}
