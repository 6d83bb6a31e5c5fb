import { AccountChangeNoted } from '@towpath/contracts/support/AccountChangeNoted.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { Handles, type Handler } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { noteChange } from './account-change.js';

const EMITS = [AccountChangeNoted] as const;

/** A payment of a customer waits for a person: a reply may tell. */
@Handles(PaymentHeldForReview, { emits: EMITS })
export class NoteHeldPayment implements Handler<typeof PaymentHeldForReview, typeof EMITS> {
  handle({ data }: Received<typeof PaymentHeldForReview>): Emission<typeof AccountChangeNoted>[] {
    const { accountId, paymentId, amountMinor, currency, decidedAt: at } = data;
    return noteChange({ accountId, paymentId, amountMinor, currency, at, change: 'held' });
  }
}
