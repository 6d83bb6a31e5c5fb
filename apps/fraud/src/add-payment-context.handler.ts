import { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import { PaymentContextUnavailable } from '@towpath/contracts/egress/PaymentContextUnavailable.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { remind, type Emission, type Received } from '@towpath/service-kit/message';
import { seen } from './case-note.js';
import { fraudCase } from './fraud-case.js';
import type { PaymentFacts } from './payment-facts.js';

type Answer = typeof PaymentContextFetched | typeof PaymentContextUnavailable;
const EMITS = [FraudCaseUpdated, FraudCaseOpened] as const;

/** The provider's answer, or that there is none, ends the wait of a case that is not decided yet. */
@Handles(PaymentContextFetched, { emits: EMITS })
@Handles(PaymentContextUnavailable, { emits: EMITS })
export class AddPaymentContext implements Handler<Answer, typeof EMITS> {
  reads({ data }: Received<Answer>): Reads {
    return { streams: [fraudCase.of(data.paymentId)] };
  }

  handle({ data, type }: Received<Answer>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const before = state.of(fraudCase, data.paymentId);
    const answeredAt = 'fetchedAt' in data ? data.fetchedAt : data.failedAt;
    const noted = seen(data.paymentId, type, before.status, answeredAt);
    if (!before.facts || before.decision !== undefined || before.contextAnswered) return [noted];
    const facts = 'fetchedAt' in data ? withContext(before.facts, data) : before.facts;
    return [noted, remind(FraudCaseOpened, state.now, facts)];
  }
}

/** The delivery's own fields win: they were signed with the charge. */
function withContext(facts: PaymentFacts, context: PaymentContextFetched): PaymentFacts {
  return {
    ...facts,
    ipHash: facts.ipHash ?? context.ipHash,
    deviceHash: facts.deviceHash ?? context.deviceHash,
    riskLevel: facts.riskLevel ?? context.riskLevel,
    cardCountry: facts.cardCountry ?? context.cardCountry,
    merchantId: facts.merchantId ?? context.merchantId,
    customerCreatedAt: facts.customerCreatedAt ?? context.customerCreatedAt,
  };
}
