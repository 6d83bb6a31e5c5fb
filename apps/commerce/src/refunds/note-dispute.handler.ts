import { ProviderReturnDue } from '@towpath/contracts/commerce/ProviderReturnDue.v1';
import { DisputeFundsWithdrawn } from '@towpath/contracts/payments/DisputeFundsWithdrawn.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { payments } from './payments.projection.js';
import { noteReturn } from './provider-returns.js';

const EMITS = [ProviderReturnDue] as const;

/** A bank took disputed money back for its customer: it can't be refunded as well. */
@Handles(DisputeFundsWithdrawn, { emits: EMITS })
export class NoteDispute implements Handler<typeof DisputeFundsWithdrawn, typeof EMITS> {
  reads({ data }: Received<typeof DisputeFundsWithdrawn>): Reads {
    return { rows: [payments.at(data.paymentId)] };
  }

  handle({ data }: Received<typeof DisputeFundsWithdrawn>, state: DecisionState): Emission<typeof ProviderReturnDue>[] {
    const { paymentId, disputeId: returnId, amountMinor, currency } = data;
    return noteReturn({ paymentId, returnId, amountMinor, currency }, state);
  }
}
