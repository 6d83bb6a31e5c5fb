import type { PaymentFacts } from './payment-facts.js';
import type { CardRow } from './profiles/card-profile.js';
import type { CustomerView } from './profiles/customer-profile.js';
import type { IpView } from './profiles/ip-profile.js';
import type { MerchantView } from './profiles/merchant-profile.js';
import type { Rules } from './rules.js';
import { amountBand, amountHistory, recentSpikes } from './signals/amount.js';
import { country, customerAge, device, providerRisk } from './signals/identity.js';
import { customerFrauds, merchantFrauds, merchantRunDays } from './signals/merchant.js';
import { UNKNOWN, type Signal } from './signals/signal.js';
import { cardVelocity, customerVelocity, ipCards, ipVelocity } from './signals/velocity.js';

/** What all analysts look at; each at its own part. */
export interface Evidence {
  readonly facts: PaymentFacts;
  readonly customer: CustomerView | undefined;
  readonly card: CardRow | undefined;
  readonly ip: IpView | undefined;
  readonly merchant: MerchantView | undefined;
}

export type AnalystName = 'velocity' | 'identity' | 'device-ip' | 'history';

/** What an analyst holds a payment for; `unknown` when it had nothing to look at. */
export type Stance = 'clear' | 'unsure' | 'suspicious' | 'fraud' | 'unknown';

/** One analyst's opinion. */
export interface Opinion {
  readonly analyst: string;
  readonly stance: Stance;
  /** what its signals add to the score */
  readonly points: number;
  /** why, in a few words that name no person */
  readonly because: string;
}

/** Looks at one side of a payment, alone. Pure, so that it works inline and as a member of an agent alike. */
export interface Analyst {
  readonly name: AnalystName;
  look(evidence: Evidence, rules: Rules): Signal[];
  /** true when what it saw speaks for the payment, and not only nothing against it */
  clears(evidence: Evidence, signals: readonly Signal[], rules: Rules): boolean;
}

const velocity: Analyst = {
  name: 'velocity',
  look: ({ facts, customer, card }, rules) => [customerVelocity(customer, rules), cardVelocity(facts, card, rules)],
  // That somebody is not in a hurry says nothing.
  clears: () => false,
};

const identity: Analyst = {
  name: 'identity',
  look: ({ facts, customer }, rules) => [
    country(facts, rules),
    customerAge(facts, customer, rules),
    providerRisk(facts, rules),
  ],
  clears: (_evidence, signals, rules) => {
    const by = (name: string): Signal | undefined => signals.find((one) => one.name === name);
    const oldEnough = Number(by('customer-age')?.value) >= rules.clears.customerDaysMin;
    return oldEnough && by('country')?.value === 'match' && by('provider-risk')?.value === 'normal';
  },
};

const deviceAndIp: Analyst = {
  name: 'device-ip',
  look: ({ facts, customer, ip }, rules) => [ipVelocity(ip, rules), ipCards(ip, rules), device(facts, customer, rules)],
  clears: (_evidence, signals) =>
    signals.some(({ name, value }) => name === 'device' && value === 'known') &&
    signals.every(({ points }) => points <= 0),
};

const history: Analyst = {
  name: 'history',
  look: ({ facts, customer, merchant }, rules) => [
    amountBand(facts, rules),
    amountHistory(facts, customer, rules),
    recentSpikes(customer, rules),
    merchantFrauds(merchant, rules),
    merchantRunDays(merchant, rules),
    customerFrauds(customer, rules),
  ],
  clears: ({ customer }, signals, rules) =>
    customer !== undefined &&
    customer.payments >= rules.clears.paymentsMin &&
    signals.every(({ points }) => points <= rules.clears.historyPointsMax),
};

export const ANALYSTS: readonly Analyst[] = [velocity, identity, deviceAndIp, history];

/** What an analyst makes of its signals. */
export function opinionOf(analyst: Analyst, evidence: Evidence, signals: readonly Signal[], rules: Rules): Opinion {
  let points = 0;
  let strongest: Signal | undefined;
  let known = false;
  for (const one of signals) {
    points += one.points;
    known ||= one.value !== UNKNOWN;
    if (one.points > (strongest?.points ?? 0)) strongest = one;
  }
  const stance = known ? stanceOf(points, analyst.clears(evidence, signals, rules), rules) : 'unknown';
  const because = strongest ? `${strongest.name} ${strongest.value}` : known ? 'nothing against it' : 'no facts';
  return { analyst: analyst.name, stance, points, because };
}

function stanceOf(points: number, clears: boolean, { outcome }: Rules): Stance {
  if (points >= outcome.block) return 'fraud';
  if (points >= outcome.hold) return 'suspicious';
  return clears ? 'clear' : 'unsure';
}

const LEVELS: Readonly<Record<Stance, number | undefined>> = {
  clear: -1,
  unsure: 0,
  suspicious: 1,
  fraud: 2,
  unknown: undefined,
};

/** How far the most trusting and the most suspicious analyst are apart, in levels: 0 to 3. Who knows nothing does not count. */
export function disagreementOf(opinions: readonly Opinion[]): number {
  let low = Infinity;
  let high = -Infinity;
  for (const { stance } of opinions) {
    const level = LEVELS[stance];
    if (level === undefined) continue;
    low = Math.min(low, level);
    high = Math.max(high, level);
  }
  return high > low ? high - low : 0;
}
