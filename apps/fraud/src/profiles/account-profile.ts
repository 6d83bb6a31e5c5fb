import type { PaymentFacts } from '../payment-facts.js';
import { secondsOf, SECONDS_PER_DAY } from '../payment-facts.js';

/** A tuple, because a row of them is read and written for each payment. */
export type OpenAuthorisation = readonly [paymentId: string, seconds: number, amountMinor: number, currency: string];

/** The open authorisations of one account. */
export interface AccountRow {
  /** authorised, and neither taken nor given back as far as was seen; oldest first */
  readonly open: readonly OpenAuthorisation[];
  /** connected accounts that recent payments went to: payment and connected account */
  readonly connected: readonly (readonly [string, string])[];
  /** the connected account whose payouts are held because of a freeze */
  readonly held: string | null;
}

const OPEN_MAX = 200;
/** Authorisations of cards expire after 7 days; one day for clocks and late deliveries. */
const OPEN_DAYS_MAX = 8;
const CONNECTED_MAX = 16;

const NOTHING: AccountRow = { open: [], connected: [], held: null };

export function withOpenedCase(row: AccountRow = NOTHING, facts: PaymentFacts): AccountRow {
  const seconds = secondsOf(facts.chargedAt);
  const oldest = seconds - OPEN_DAYS_MAX * SECONDS_PER_DAY;
  const open = row.open.filter(([, at]) => at >= oldest);
  if (!facts.captured) open.push([facts.paymentId, seconds, facts.amountMinor, facts.currency]);
  const connected = [...row.connected];
  if (facts.connectedAccountId !== null) connected.push([facts.paymentId, facts.connectedAccountId]);
  return { ...row, open: open.slice(-OPEN_MAX), connected: connected.slice(-CONNECTED_MAX) };
}

export function withoutOpen(row: AccountRow = NOTHING, paymentId: string): AccountRow {
  return { ...row, open: row.open.filter(([id]) => id !== paymentId) };
}

/** After a freeze nothing of the account is open any more: each cancellation was commanded. */
export function frozenBy(row: AccountRow = NOTHING, paymentId: string | null, payoutsHeld: boolean): AccountRow {
  const connected = row.connected.find(([id]) => id === paymentId)?.[1] ?? null;
  return { ...row, open: [], held: payoutsHeld ? connected : null };
}

export function unfrozen(row: AccountRow = NOTHING): AccountRow {
  return { ...row, held: null };
}

/** What an erased person's row must keep; undefined when it is nothing. */
export function withoutPerson({ held }: AccountRow): AccountRow | undefined {
  return held === null ? undefined : { ...NOTHING, held };
}
