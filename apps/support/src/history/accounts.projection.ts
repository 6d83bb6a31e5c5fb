import { AccountChangeNoted } from '@towpath/contracts/support/AccountChangeNoted.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { AccountRow } from './rows.js';

const CHANGES_MAX = 20;

export const accounts = projection<AccountRow>({
  name: 'accounts',
  personal: { keysOf: (subject) => [subject] },
  keysOf: (event) => (isOf(AccountChangeNoted, event) ? [event.data.accountId] : []),
  evolve: (row, event) => {
    if (!isOf(AccountChangeNoted, event)) return row;
    const { paymentId, change, amountMinor, currency, changedAt: at } = event.data;
    const earlier = (row?.changes ?? []).filter((one) => one.paymentId !== paymentId || one.change !== change);
    const known = row?.changes.find((one) => one.paymentId === paymentId && one.amountMinor !== null);
    const amount = {
      amountMinor: amountMinor ?? known?.amountMinor ?? null,
      currency: currency ?? known?.currency ?? null,
    };
    const changes = [...earlier, { paymentId, change, ...amount, at }].sort((a, b) => a.at - b.at);
    return { changes: changes.slice(-CHANGES_MAX) };
  },
});
