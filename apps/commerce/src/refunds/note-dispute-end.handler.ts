import { ProviderReturnDue } from '@towpath/contracts/commerce/ProviderReturnDue.v1';
import { DisputeClosed } from '@towpath/contracts/payments/DisputeClosed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { payments } from './payments.projection.js';
import { noteReturn } from './provider-returns.js';

const EMITS = [ProviderReturnDue] as const;

/** A dispute that was won brings its money back. */
@Handles(DisputeClosed, { emits: EMITS })
export class NoteDisputeEnd implements Handler<typeof DisputeClosed, typeof EMITS> {
  reads({ data }: Received<typeof DisputeClosed>): Reads {
    return { rows: [payments.at(data.paymentId)] };
  }

  handle({ data }: Received<typeof DisputeClosed>, state: DecisionState): Emission<typeof ProviderReturnDue>[] {
    const { paymentId, disputeId: returnId, status } = data;
    if (status !== 'won') return [];
    return noteReturn({ paymentId, returnId, amountMinor: 0, currency: null }, state);
  }
}
