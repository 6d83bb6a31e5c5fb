import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { seen } from './case-note.js';
import { fraudCase } from './fraud-case.js';

const EMITS = [FraudCaseUpdated, FraudConfirmed] as const;

/** A dispute for fraud shows what a payment was; profiles of the customer and the merchant learn from it. */
@Handles(DisputeOpened, { emits: EMITS })
export class ConfirmFraud implements Handler<typeof DisputeOpened, typeof EMITS> {
  reads({ data }: Received<typeof DisputeOpened>): Reads {
    return { streams: [fraudCase.of(data.paymentId)] };
  }

  handle({ data, type }: Received<typeof DisputeOpened>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { paymentId, disputeId, openedAt, reason } = data;
    const { facts, decision, fraudConfirmed } = state.of(fraudCase, paymentId);
    const noted = seen(paymentId, type, 'disputed', openedAt);
    // One payment is one fraud, however many disputes it gets. Without a charge nothing is known to learn from.
    if (reason !== 'fraudulent' || !facts || fraudConfirmed) return [noted];
    const { accountId, merchantId, chargedAt } = facts;
    const fraud = { paymentId, accountId, disputeId, merchantId, chargedAt, confirmedAt: openedAt };
    return [noted, emit(FraudConfirmed, { ...fraud, decision: decision ?? 'none' })];
  }
}
