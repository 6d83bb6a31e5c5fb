import { AccountChangeNoted } from '@towpath/contracts/support/AccountChangeNoted.v1';
import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import { Handles, type Handler } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { noteChange } from './account-change.js';

const EMITS = [AccountChangeNoted] as const;

/** A held payment is held no longer; what a refusal gives back is told by its effect. */
@Handles(ReviewResolved, { emits: EMITS })
export class NoteResolvedPayment implements Handler<typeof ReviewResolved, typeof EMITS> {
  handle({ data }: Received<typeof ReviewResolved>): Emission<typeof AccountChangeNoted>[] {
    const { accountId, paymentId, outcome, resolvedAt: at } = data;
    return outcome === 'approved' ? noteChange({ accountId, paymentId, at, change: 'approved' }) : [];
  }
}
