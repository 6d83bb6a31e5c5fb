import type { FraudCaseEnriched } from '@towpath/contracts/fraud/FraudCaseEnriched.v1';
import type { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { dayOf, secondsOf, tagOf, type PaymentFacts } from '../payment-facts.js';
import { RULES } from '../rules.js';
import { addToDay, sumOfDays, type DayBuckets } from './day-buckets.js';
import { countWithin, endOfEarlier, insertRecent, type Recent } from './recent.js';

/** What one customer did; bounded, and readable without any personal data. */
export interface CustomerRow {
  /** first payment that was seen, seconds since the epoch */
  readonly since: number;
  /** per currency, since amounts of different ones can't be compared: `[day, payments, sum, spikes]` */
  readonly money: Readonly<Record<string, DayBuckets>>;
  /** `[seconds, tag, currency tag, counted minor units, spike]` */
  readonly recent: Recent;
  /** `[device, seconds first seen, tag of the payment that showed it]` */
  readonly devices: readonly (readonly [string, number, number])[];
  /** charge times of confirmed frauds, seconds since the epoch */
  readonly frauds: readonly number[];
}

/** What the customer did before one payment. */
export interface CustomerView {
  readonly since: number;
  /** payments of 30 days in the payment's currency, and their mean in minor units */
  readonly payments: number;
  readonly meanMinor: number;
  readonly spikes: number;
  readonly paymentsInWindow: number;
  readonly devices: number;
  readonly deviceSeen: boolean;
  readonly frauds: number;
}

const HISTORY_DAYS = 30;
const RECENT_MAX = 32;
const RECENT_STRIDE = 5;
const MONEY_STRIDE = 4;
const CURRENCIES_MAX = 4;
const DEVICES_MAX = 16;
const FRAUDS_MAX = 16;
/** Fewer payments make no mean that a spike could be measured against. */
const SPIKE_PAYMENTS_MIN = 5;

const NOBODY: CustomerRow = { since: Infinity, money: {}, recent: [], devices: [], frauds: [] };

export function withPayment(row: CustomerRow = NOBODY, facts: PaymentFacts): CustomerRow {
  const seconds = secondsOf(facts.chargedAt);
  const day = dayOf(seconds);
  const tag = tagOf(facts.paymentId);
  const buckets = row.money[facts.currency] ?? [];
  const { counted, spike } = countedAmount(buckets, day, facts.amountMinor);
  const money = addToDay(buckets, day, [1, counted, spike], HISTORY_DAYS);
  return {
    since: Math.min(row.since, seconds),
    money: withCurrency(row.money, facts.currency, money),
    recent: insertRecent(row.recent, [seconds, tag, tagOf(facts.currency), counted, spike], RECENT_MAX),
    devices: withDevice(row.devices, facts.deviceHash, seconds, tag),
    frauds: row.frauds,
  };
}

/** A stolen card must not teach the history what is ordinary: a spike counts as `ratioMin` times the mean. */
function countedAmount(buckets: DayBuckets, day: number, amountMinor: number): { counted: number; spike: 0 | 1 } {
  const [payments, sum] = sumOfDays(buckets, MONEY_STRIDE, day - HISTORY_DAYS + 1, day) as [number, number];
  if (payments < SPIKE_PAYMENTS_MIN) return { counted: amountMinor, spike: 0 };
  const spikeFrom = (RULES.recentSpikes.ratioMin * sum) / payments;
  return amountMinor >= spikeFrom ? { counted: Math.round(spikeFrom), spike: 1 } : { counted: amountMinor, spike: 0 };
}

/** A device that only the provider knew. */
export function withFetchedDevice(row: CustomerRow, enriched: FraudCaseEnriched): CustomerRow {
  const { deviceHash, chargedAt, paymentId } = enriched;
  return { ...row, devices: withDevice(row.devices, deviceHash, secondsOf(chargedAt), tagOf(paymentId)) };
}

export function withFraud(row: CustomerRow, fraud: FraudConfirmed): CustomerRow {
  return { ...row, frauds: [...row.frauds, secondsOf(fraud.chargedAt)].slice(-FRAUDS_MAX) };
}

/** The customer before the payment; see `endOfEarlier` for what counts as before. */
export function viewOfCustomer(row: CustomerRow, facts: PaymentFacts): CustomerView {
  const seconds = secondsOf(facts.chargedAt);
  const day = dayOf(seconds);
  const tag = tagOf(facts.paymentId);
  const end = endOfEarlier(row.recent, RECENT_STRIDE, seconds, tag);
  const later = laterSums(row.recent, end, day, tagOf(facts.currency));
  const buckets = row.money[facts.currency] ?? [];
  const sums = sumOfDays(buckets, MONEY_STRIDE, day - HISTORY_DAYS + 1, day) as [number, number, number];
  const spikesFrom = day - RULES.recentSpikes.days + 1;
  const [, , spikes] = sumOfDays(buckets, MONEY_STRIDE, spikesFrom, day) as [number, number, number];
  const payments = sums[0] - later.payments;
  const known = row.devices.filter(([, at, by]) => at <= seconds && by !== tag && !isAfter(row.recent, end, by));
  return {
    since: end === 0 && row.since >= seconds ? seconds : row.since,
    payments,
    meanMinor: payments > 0 ? (sums[1] - later.sum) / payments : 0,
    spikes: spikes - later.spikes,
    paymentsInWindow: countWithin(row.recent, RECENT_STRIDE, end, seconds, RULES.velocity.windowSeconds),
    devices: known.length,
    deviceSeen: known.some(([device]) => device === facts.deviceHash),
    frauds: row.frauds.filter((at) => at > seconds - RULES.customerFrauds.days * 86_400 && at < seconds).length,
  };
}

function isAfter(recent: Recent, end: number, tag: number): boolean {
  for (let at = end; at < recent.length; at += RECENT_STRIDE) if (recent[at + 1] === tag) return true;
  return false;
}

/** What the day's buckets hold of the payment itself and of later ones. */
function laterSums(
  recent: Recent,
  end: number,
  day: number,
  currency: number,
): { payments: number; sum: number; spikes: number } {
  const later = { payments: 0, sum: 0, spikes: 0 };
  for (let at = end; at < recent.length; at += RECENT_STRIDE) {
    if (recent[at + 2] !== currency || dayOf(recent[at]!) > day) continue;
    later.payments += 1;
    later.sum += recent[at + 3]!;
    later.spikes += recent[at + 4]!;
  }
  return later;
}

function withCurrency(money: CustomerRow['money'], currency: string, buckets: DayBuckets): CustomerRow['money'] {
  const others = Object.entries(money).filter(([name]) => name !== currency);
  // The currency that was not used for longest goes; of equals the same one wherever the row was stored meanwhile.
  others.sort(([nameA, a], [nameB, b]) => lastDay(b) - lastDay(a) || (nameA < nameB ? -1 : 1));
  return Object.fromEntries([...others.slice(0, CURRENCIES_MAX - 1), [currency, buckets]]);
}

function lastDay(buckets: DayBuckets): number {
  return buckets.at(-MONEY_STRIDE) ?? 0;
}

function withDevice(
  devices: CustomerRow['devices'],
  device: string | null,
  seconds: number,
  tag: number,
): CustomerRow['devices'] {
  if (device === null || devices.some(([known]) => known === device)) return devices;
  return [...devices, [device, seconds, tag] as const].slice(-DEVICES_MAX);
}
