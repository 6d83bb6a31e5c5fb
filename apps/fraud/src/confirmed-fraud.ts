import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { FraudDispute } from './fraud-case.js';
import type { PaymentFacts } from './payment-facts.js';
import type { Outcome } from './score.decider.js';

/** That a payment was fraud, with what had been decided when its dispute came. */
export function confirmedFraud(
  facts: PaymentFacts,
  decision: Outcome | undefined,
  { disputeId, openedAt }: FraudDispute,
): Emission<typeof FraudConfirmed> {
  const { paymentId, accountId, merchantId, chargedAt } = facts;
  const fraud = { paymentId, accountId, disputeId, merchantId, chargedAt, confirmedAt: openedAt };
  return emit(FraudConfirmed, { ...fraud, decision: decision ?? 'none' });
}
