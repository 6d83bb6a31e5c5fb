import { AccountChangeNoted } from '@towpath/contracts/support/AccountChangeNoted.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { Handles, type Handler } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { noteChange } from './account-change.js';

const EMITS = [AccountChangeNoted] as const;

/** A payment of a customer was stopped: a reply may tell. */
@Handles(PaymentBlocked, { emits: EMITS })
export class NoteBlockedPayment implements Handler<typeof PaymentBlocked, typeof EMITS> {
  handle({ data }: Received<typeof PaymentBlocked>): Emission<typeof AccountChangeNoted>[] {
    const { accountId, paymentId, amountMinor, currency, decidedAt: at } = data;
    return noteChange({ accountId, paymentId, amountMinor, currency, at, change: 'blocked' });
  }
}
