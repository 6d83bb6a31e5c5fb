import { AccountChangeNoted } from '@towpath/contracts/support/AccountChangeNoted.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { Handles, type Handler } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { noteChange } from './account-change.js';

const EMITS = [AccountChangeNoted] as const;

/** A payment of a customer was declined: a reply may tell. */
@Handles(PaymentFailed, { emits: EMITS })
export class NoteFailedPayment implements Handler<typeof PaymentFailed, typeof EMITS> {
  handle({ data }: Received<typeof PaymentFailed>): Emission<typeof AccountChangeNoted>[] {
    const { accountId, paymentId, amountMinor, currency, failedAt: at } = data;
    return noteChange({ accountId, paymentId, amountMinor, currency, at, change: 'failed' });
  }
}
