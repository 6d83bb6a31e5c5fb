import type { PaymentFacts } from '../payment-facts.js';
import type { CustomerView } from '../profiles/customer-profile.js';
import { pointsAt, type Rules } from '../rules.js';
import { signal, unknown, type Signal } from './signal.js';

/** Is the amount large for a card payment at all? */
export function amountBand(facts: PaymentFacts, rules: Rules): Signal {
  const comparable = majorUnits(facts, rules);
  if (comparable === undefined) return unknown('amount-band', `no bands for ${facts.currency}`);
  const major = facts.amountMinor / minorPerMajor(facts.currency);
  return signal('amount-band', major, pointsAt(rules.amountBand.steps, comparable), `${major} ${facts.currency}`);
}

/** Major units on the scale of the bands; undefined for a currency without one. */
export function majorUnits({ amountMinor, currency }: PaymentFacts, rules: Rules): number | undefined {
  const scale = rules.amountBand.scale[currency];
  return scale === undefined ? undefined : (amountMinor / minorPerMajor(currency)) * scale;
}

/** Is it large for this customer? */
export function amountHistory(facts: PaymentFacts, customer: CustomerView | undefined, rules: Rules): Signal {
  const ratio = timesTheMean(facts, customer, rules);
  const payments = customer?.payments ?? 0;
  if (ratio === undefined) return unknown('amount-vs-history', `${payments} payments in ${facts.currency} in 30 days`);
  const points = pointsAt(rules.amountHistory.steps, ratio);
  return signal('amount-vs-history', ratio, points, `${ratio} times the mean of ${payments} payments`);
}

/** The amount in means of the customer's own; undefined while there are too few to have one. */
export function timesTheMean(
  { amountMinor }: PaymentFacts,
  customer: CustomerView | undefined,
  rules: Rules,
): number | undefined {
  if (!customer || customer.payments < rules.amountHistory.paymentsMin || customer.meanMinor <= 0) return undefined;
  return round(amountMinor / customer.meanMinor);
}

/** Did the customer's spending jump lately? */
export function recentSpikes(customer: CustomerView | undefined, rules: Rules): Signal {
  if (!customer) return unknown('recent-spikes', 'no history of the customer');
  const { days, steps, ratioMin } = rules.recentSpikes;
  const points = pointsAt(steps, customer.spikes);
  return signal('recent-spikes', customer.spikes, points, `payments of ${ratioMin}× the mean in ${days} days`);
}

/** The ratio as it was before rounding would make scores depend on the 15th digit of a mean. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const ZERO_DECIMALS = new Set([
  'JPY',
  'KRW',
  'VND',
  'CLP',
  'ISK',
  'UGX',
  'XAF',
  'XOF',
  'XPF',
  'PYG',
  'RWF',
  'BIF',
  'DJF',
  'GNF',
  'KMF',
  'MGA',
  'VUV',
]);
const THREE_DECIMALS = new Set(['BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND']);

function minorPerMajor(currency: string): number {
  if (ZERO_DECIMALS.has(currency)) return 1;
  return THREE_DECIMALS.has(currency) ? 1000 : 100;
}
