import { dayOf, secondsOf, type PaymentFacts } from '../payment-facts.js';
import { RULES } from '../rules.js';
import { addToDay, type DayBuckets } from './day-buckets.js';

/** Payments and confirmed frauds at one terminal or merchant by day of the charge: `[day, payments, frauds]`. */
export interface MerchantRow {
  readonly days: DayBuckets;
}

export interface MerchantView {
  /** confirmed frauds in the window */
  readonly frauds: number;
  /** honest payments after the last confirmed fraud, as far as disputes had time to come */
  readonly honestSince: number;
  /** confirmed frauds in a row until now: 0 once an honest payment followed */
  readonly run: number;
  /** days since the first fraud of that run; undefined without one */
  readonly runDays: number | undefined;
}

const STRIDE = 3;
const DAYS_MAX = RULES.merchant.windowDays + RULES.merchant.labelDelayDays + 7;

export function withMerchantPayment(
  row: MerchantRow | undefined,
  { chargedAt }: Pick<PaymentFacts, 'chargedAt'>,
): MerchantRow {
  return { days: addToDay(row?.days ?? [], dayOf(secondsOf(chargedAt)), [1, 0], DAYS_MAX) };
}

export function withMerchantFraud(row: MerchantRow | undefined, chargedAt: number): MerchantRow {
  return { days: addToDay(row?.days ?? [], dayOf(secondsOf(chargedAt)), [0, 1], DAYS_MAX) };
}

export function viewOfMerchant(row: MerchantRow | undefined, facts: PaymentFacts): MerchantView {
  const days = row?.days ?? [];
  const today = dayOf(secondsOf(facts.chargedAt));
  const { labelDelayDays, windowDays } = RULES.merchant;
  let frauds = 0;
  let honestSince = 0;
  for (let at = days.length - STRIDE; at >= 0; at -= STRIDE) {
    const age = today - days[at]!;
    if (age < 0) continue;
    if (age > labelDelayDays + windowDays) break;
    const confirmed = days[at + 2]!;
    // A payment of the day on which labels are due may still be disputed later today.
    if (confirmed === 0 && frauds === 0 && age > labelDelayDays) honestSince += days[at + 1]!;
    frauds += confirmed;
  }
  return { frauds, honestSince, ...(frauds > 0 && honestSince === 0 ? runOf(days, today) : NO_RUN) };
}

const NO_RUN = { run: 0, runDays: undefined };

/** The frauds back from the last one until a day with honest payments, that day's included: it may be when the run began. */
function runOf(days: DayBuckets, today: number): Pick<MerchantView, 'run' | 'runDays'> {
  const { labelDelayDays, windowDays } = RULES.merchant;
  let run = 0;
  let runDays: number | undefined;
  for (let at = days.length - STRIDE; at >= 0; at -= STRIDE) {
    const age = today - days[at]!;
    if (age < 0) continue;
    if (age > labelDelayDays + windowDays) break;
    const confirmed = days[at + 2]!;
    if (confirmed > 0) {
      run += confirmed;
      runDays = age;
    }
    if (runDays !== undefined && age > labelDelayDays && days[at + 1]! > confirmed) break;
  }
  return { run, runDays };
}
