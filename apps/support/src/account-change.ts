import { AccountChangeNoted } from '@towpath/contracts/support/AccountChangeNoted.v1';
import { emit, type Emission } from '@towpath/service-kit/message';

/** What a reply may tell the owner of an account of its payments. */
export interface AccountChange {
  readonly accountId: string | null;
  readonly paymentId: string;
  readonly change: 'blocked' | 'held' | 'approved' | 'failed' | 'refunded' | 'canceled' | 'disputed';
  readonly amountMinor?: number;
  readonly currency?: string;
  /** milliseconds since the epoch */
  readonly at: number;
}

/** Notes a change of an account that belongs to somebody; guests have no history. */
export function noteChange({ accountId, at, ...change }: AccountChange): Emission<typeof AccountChangeNoted>[] {
  if (accountId === null || accountId === '' || accountId.startsWith('guest_')) return [];
  const { paymentId, change: what, amountMinor = null, currency = null } = change;
  return [emit(AccountChangeNoted, { accountId, paymentId, change: what, amountMinor, currency, changedAt: at })];
}
