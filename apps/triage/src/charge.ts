import { ChargeLinked } from '@towpath/contracts/triage/ChargeLinked.v1';
import { ChargeMessageAwaitingPayment } from '@towpath/contracts/triage/ChargeMessageAwaitingPayment.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** Which payment a charge belongs to, and what came about it before that was known. */
export interface Charge {
  readonly paymentId: string | null;
  readonly awaiting: readonly { readonly type: string; readonly data: string }[];
}

/** Disputes and refunds name only their charge, and may come before the delivery that ties the charge to its payment. */
export const charges = aggregate<Charge>({
  stream: 'charge',
  initial: { paymentId: null, awaiting: [] },
  evolve(charge, event) {
    if (isOf(ChargeLinked, event)) return { paymentId: event.data.paymentId, awaiting: [] };
    if (isOf(ChargeMessageAwaitingPayment, event)) {
      const { type, data } = event.data;
      return { ...charge, awaiting: [...charge.awaiting, { type, data }] };
    }
    return charge;
  },
});
