import { ProviderReturnDue } from '@towpath/contracts/commerce/ProviderReturnDue.v1';
import { PaymentRefunded } from '@towpath/contracts/payments/PaymentRefunded.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { payments } from './payments.projection.js';
import { noteReturn, REFUNDS } from './provider-returns.js';

const EMITS = [ProviderReturnDue] as const;

/** Money of an order's payment went back, by our own refund or by a hand at the provider. */
@Handles(PaymentRefunded, { emits: EMITS })
export class NoteProviderRefund implements Handler<typeof PaymentRefunded, typeof EMITS> {
  reads({ data }: Received<typeof PaymentRefunded>): Reads {
    return { rows: [payments.at(data.paymentId)] };
  }

  handle({ data }: Received<typeof PaymentRefunded>, state: DecisionState): Emission<typeof ProviderReturnDue>[] {
    const { paymentId, amountRefundedMinor: amountMinor, currency } = data;
    return noteReturn({ paymentId, returnId: REFUNDS, amountMinor, currency }, state);
  }
}
