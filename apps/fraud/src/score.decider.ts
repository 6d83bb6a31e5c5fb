import { CONTEXT_FIELDS, isGuest, type ContextField, type PaymentFacts } from './payment-facts.js';
import type { CardRow } from './profiles/card-profile.js';
import { viewOfCustomer, type CustomerRow, type CustomerView } from './profiles/customer-profile.js';
import { viewOfIp, type IpRow } from './profiles/ip-profile.js';
import { viewOfMerchant, type MerchantRow } from './profiles/merchant-profile.js';
import { RULES, type Rules } from './rules.js';
import { amountBand, amountHistory, recentSpikes } from './signals/amount.js';
import { country, customerAge, device, knownSince, providerRisk } from './signals/identity.js';
import { customerFrauds, merchantFrauds } from './signals/merchant.js';
import { UNKNOWN, type Signal } from './signals/signal.js';
import { ipCards, velocities } from './signals/velocity.js';

/** The rows a payment is judged by; absent where nothing was seen yet. */
export interface Profiles {
  readonly customer?: CustomerRow | undefined;
  readonly card?: CardRow | undefined;
  readonly ip?: IpRow | undefined;
  readonly merchant?: MerchantRow | undefined;
}

export type Outcome = 'approved' | 'held' | 'blocked';

export interface Assessment {
  readonly outcome: Outcome;
  /** sum of the signals' points */
  readonly score: number;
  readonly signals: readonly Signal[];
  /** names of the signals that stayed unknown */
  readonly missing: readonly string[];
  /** why the whole account must stop, when it must */
  readonly freeze: string | undefined;
  readonly rulesVersion: string;
}

/** Judges a payment by what was known before it. The same facts and rows give the same assessment, whenever it runs. */
export function assess(facts: PaymentFacts, profiles: Profiles, rules: Rules = RULES): Assessment {
  const customer = customerView(facts, profiles.customer);
  const ip = facts.ipHash === null ? undefined : viewOfIp(profiles.ip, facts);
  const merchant = facts.merchantId === null ? undefined : viewOfMerchant(profiles.merchant, facts);
  const signals = [
    amountBand(facts, rules),
    amountHistory(facts, customer, rules),
    recentSpikes(customer, rules),
    ...velocities(facts, customer, profiles.card, ip, rules),
    ipCards(ip, rules),
    country(facts, rules),
    merchantFrauds(merchant, rules),
    customerFrauds(customer, rules),
    device(facts, customer, rules),
    customerAge(facts, customer, rules),
    providerRisk(facts, rules),
  ];
  const score = sumOf(signals);
  const outcome = score >= rules.outcome.block ? 'blocked' : score >= rules.outcome.hold ? 'held' : 'approved';
  return {
    outcome,
    score,
    signals,
    missing: signals.filter(({ value }) => value === UNKNOWN).map(({ name }) => name),
    freeze: outcome === 'blocked' && !isGuest(facts.accountId) ? freezeReason(signals, rules) : undefined,
    rulesVersion: rules.version,
  };
}

/** The fields to ask the provider for before judging. */
export function missingContext(
  facts: PaymentFacts,
  customer: CustomerRow | undefined,
  rules: Rules = RULES,
): ContextField[] {
  return CONTEXT_FIELDS.filter((field) => {
    if (facts[field] !== null) return false;
    if (field !== 'customerCreatedAt') return true;
    return !isGuest(facts.accountId) && knownSince(facts, customer, rules) === undefined;
  });
}

const FIRST_PAYMENT: CustomerView = {
  since: Infinity,
  payments: 0,
  meanMinor: 0,
  spikes: 0,
  paymentsInWindow: 0,
  devices: 0,
  deviceSeen: false,
  frauds: 0,
};

function customerView(facts: PaymentFacts, row: CustomerRow | undefined): CustomerView | undefined {
  if (isGuest(facts.accountId)) return undefined;
  return row ? viewOfCustomer(row, facts) : FIRST_PAYMENT;
}

/** Points have at most one decimal, so sums are kept free of binary dust: stored scores must compare equal. */
function sumOf(signals: readonly Signal[]): number {
  let sum = 0;
  for (const { points } of signals) sum += points;
  return Math.round(sum * 100) / 100;
}

function freezeReason(signals: readonly Signal[], rules: Rules): string | undefined {
  const by = (name: string): Signal | undefined => signals.find((one) => one.name === name);
  const rapid = ['velocity-customer', 'velocity-card'].map(by);
  const burst = rapid.find((one) => one && one.value !== UNKNOWN && Number(one.value) >= rules.velocity.freezeFrom);
  if (burst) return `rapid fire: ${burst.evidence}`;
  const ratio = Number(by('amount-vs-history')?.value);
  const foreign = (by('country')?.points ?? 0) > 0 || by('provider-risk')?.value === 'highest';
  if (by('device')?.value === 'first-seen' && ratio >= rules.takeover.amountRatioMin && foreign) {
    return `account takeover: first-seen device, ${ratio} times the mean, foreign card or highest risk`;
  }
  return undefined;
}
