import { Inject, Injectable } from '@nestjs/common';
import { ContextDeadlinePassed } from '@towpath/contracts/fraud/ContextDeadlinePassed.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { FetchPaymentContext } from '@towpath/contracts/payments/FetchPaymentContext.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, remind, type Emission, type Received } from '@towpath/service-kit/message';
import { noted } from './case-note.js';
import { confirmedFraud } from './confirmed-fraud.js';
import { DECISION_EMITS, decidePayment } from './decide-payment.js';
import { decisionInput, decisionReads } from './decision-reads.js';
import { fraudCase, type FraudCase } from './fraud-case.js';
import { BY_RULES_ALONE, Judge, type Judging } from './judge.js';
import type { PaymentFacts } from './payment-facts.js';
import type { Rules } from './rules.js';
import { missingContext } from './score.decider.js';

const EMITS = [
  FraudCaseOpened,
  FraudCaseUpdated,
  FraudConfirmed,
  FetchPaymentContext,
  ContextDeadlinePassed,
  ...DECISION_EMITS,
] as const;
type Emitted = Emission<(typeof EMITS)[number]>;

/**
 * A charge opens the payment's case. It is decided at once, or, when the delivery lacks something a rule needs, after
 * the provider was asked. A second charge of the payment is noted and never decides again.
 */
@Injectable()
@Handles(ChargeSucceeded, { emits: EMITS })
export class OpenFraudCase implements Handler<typeof ChargeSucceeded, typeof EMITS> {
  constructor(@Inject(Judge) private readonly judging: Judging = BY_RULES_ALONE) {}

  reads({ data }: Received<typeof ChargeSucceeded>): Reads {
    return decisionReads(data);
  }

  handle({ data, type }: Received<typeof ChargeSucceeded>, state: DecisionState): Emitted[] {
    const { paymentId } = data;
    const before = state.of(fraudCase, paymentId);
    if (before.facts) {
      const status = data.captured ? 'captured' : before.status;
      return [noted(paymentId, before, { change: type, status, at: data.chargedAt })];
    }
    const unasked = { ...factsOf(data), captured: data.captured || before.captured };
    const input = decisionInput(unasked, state);
    const missing = input.account.frozen ? [] : missingContext(unasked, input.profiles.customer, this.judging.rules);
    const facts = { ...unasked, missing };
    const after = { ...before, facts, captured: facts.captured };
    const opened = [emit(FraudCaseOpened, facts), ...knownBefore(after)];
    if (missing.length > 0) return [...opened, ...askForContext(facts, this.judging.rules, state.now)];
    return [...opened, ...decidePayment({ ...input, facts, state: after }, this.judging)];
  }
}

/** What came before the charge and could not be told without its facts; nothing for nearly every payment. */
function knownBefore(state: FraudCase & { readonly facts: PaymentFacts }): Emitted[] {
  const { facts, returned, disputedBefore, fraudConfirmed } = state;
  const { paymentId, chargedAt } = facts;
  const status = state.status === 'refunded' ? 'refunded' : 'canceled';
  const sight = { change: ChargeSucceeded.type, status, at: chargedAt } as const;
  return [
    ...(returned && !state.captured ? [noted(paymentId, { ...state, returned: false }, sight)] : []),
    ...(disputedBefore && !fraudConfirmed ? [confirmedFraud(facts, undefined, disputedBefore)] : []),
  ];
}

function askForContext(facts: PaymentFacts, rules: Rules, now: Date): Emitted[] {
  const { paymentId, accountId, cardFingerprint, ipHash, merchantId, missing } = facts;
  const known = { knownCardFingerprint: cardFingerprint, knownIpHash: ipHash, knownMerchantId: merchantId };
  const due = new Date(now.getTime() + rules.contextWaitMs);
  return [
    emit(FetchPaymentContext, { paymentId, accountId, ...known, wanted: missing }),
    // It carries what names the rows of the decision, so that the decision needs no second step.
    remind(ContextDeadlinePassed, due, { paymentId, accountId, cardFingerprint, ipHash, merchantId }),
  ];
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
