import { ContextDeadlinePassed } from '@towpath/contracts/fraud/ContextDeadlinePassed.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { FetchPaymentContext } from '@towpath/contracts/payments/FetchPaymentContext.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, remind, type Emission, type Received } from '@towpath/service-kit/message';
import { seen } from './case-note.js';
import { DECISION_EMITS, decidePayment } from './decide-payment.js';
import { decisionInput, decisionReads } from './decision-reads.js';
import { fraudCase } from './fraud-case.js';
import type { PaymentFacts } from './payment-facts.js';
import { RULES } from './rules.js';
import { missingContext } from './score.decider.js';

const EMITS = [FraudCaseOpened, FetchPaymentContext, ContextDeadlinePassed, ...DECISION_EMITS] as const;

/**
 * A charge opens the payment's case. It is decided at once, or, when the delivery lacks something a rule needs, after
 * the provider was asked. A second charge of the payment is noted and never decides again.
 */
@Handles(ChargeSucceeded, { emits: EMITS })
export class OpenFraudCase implements Handler<typeof ChargeSucceeded, typeof EMITS> {
  reads({ data }: Received<typeof ChargeSucceeded>): Reads {
    return decisionReads(data);
  }

  handle({ data, type }: Received<typeof ChargeSucceeded>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { paymentId, accountId } = data;
    const before = state.of(fraudCase, paymentId);
    if (before.facts) return [seen(paymentId, type, data.captured ? 'captured' : before.status, data.chargedAt)];
    const unasked = { ...factsOf(data), captured: data.captured || before.captured };
    const input = decisionInput(unasked, state);
    const missing = input.account.frozen ? [] : missingContext(unasked, input.profiles.customer);
    const facts = { ...unasked, missing };
    const opened = emit(FraudCaseOpened, facts);
    if (missing.length > 0) {
      return [
        opened,
        emit(FetchPaymentContext, { paymentId, accountId, wanted: missing }),
        remind(ContextDeadlinePassed, new Date(state.now.getTime() + RULES.contextWaitMs), { paymentId }),
      ];
    }
    return [opened, ...decidePayment({ ...input, facts, state: { ...before, facts, captured: facts.captured } })];
  }
}

function factsOf(charge: ChargeSucceeded): PaymentFacts {
  const { paymentId, accountId, chargeId, amountMinor, currency, captured, chargedAt, captureBefore } = charge;
  const { cardFingerprint, cardCountry, billingCountry, shippingCountry, ipHash, deviceHash } = charge;
  const { riskLevel, merchantId, customerCreatedAt, connectedAccountId } = charge;
  return {
    ...{ paymentId, accountId, chargeId, amountMinor, currency, captured, chargedAt, captureBefore },
    ...{ cardFingerprint, cardCountry, billingCountry, shippingCountry, ipHash, deviceHash },
    ...{ riskLevel, merchantId, customerCreatedAt, connectedAccountId },
    missing: [],
  };
}
