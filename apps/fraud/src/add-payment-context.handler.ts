import { Inject, Injectable } from '@nestjs/common';
import { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import { PaymentContextUnavailable } from '@towpath/contracts/egress/PaymentContextUnavailable.v1';
import { FraudCaseEnriched } from '@towpath/contracts/fraud/FraudCaseEnriched.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { noted } from './case-note.js';
import { DECISION_EMITS, decidePayment } from './decide-payment.js';
import { decisionInput, decisionReads } from './decision-reads.js';
import { fraudCase, withContext } from './fraud-case.js';
import { BY_RULES_ALONE, Judge, type Judging } from './judge.js';
import type { PaymentFacts } from './payment-facts.js';

type Answer = typeof PaymentContextFetched | typeof PaymentContextUnavailable;
const EMITS = [FraudCaseUpdated, FraudCaseEnriched, ...DECISION_EMITS] as const;

/** The provider's answer, or that there is none, ends the wait of a case that is not decided yet. */
@Injectable()
@Handles(PaymentContextFetched, { emits: EMITS })
@Handles(PaymentContextUnavailable, { emits: EMITS })
export class AddPaymentContext implements Handler<Answer, typeof EMITS> {
  constructor(@Inject(Judge) private readonly judging: Judging = BY_RULES_ALONE) {}

  /** What the question named comes back with the answer; with what was found it names every row of the decision. */
  reads({ data }: Received<Answer>): Reads {
    const found = 'fetchedAt' in data ? data : { ipHash: null, merchantId: null };
    return decisionReads({
      paymentId: data.paymentId,
      accountId: data.accountId,
      cardFingerprint: data.knownCardFingerprint,
      ipHash: data.knownIpHash ?? found.ipHash,
      merchantId: data.knownMerchantId ?? found.merchantId,
    });
  }

  handle({ data, type }: Received<Answer>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const before = state.of(fraudCase, data.paymentId);
    const { facts, decision, asked } = before;
    const isOpen = decision === undefined && !asked;
    if (!facts || !isOpen || !('fetchedAt' in data)) {
      const answeredAt = 'fetchedAt' in data ? data.fetchedAt : data.failedAt;
      const note = noted(data.paymentId, before, { change: type, status: before.status, at: answeredAt });
      return facts && isOpen ? [note, ...decidePayment(decisionInput(facts, state), this.judging)] : [note];
    }
    const enriched = enrichment(facts, data);
    const input = decisionInput(withContext(facts, enriched), state);
    return [emit(FraudCaseEnriched, enriched), ...decidePayment(input, this.judging)];
  }
}

/** What the answer adds. The delivery's own fields win: they were signed with the charge. */
function enrichment(facts: PaymentFacts, context: PaymentContextFetched): FraudCaseEnriched {
  const { paymentId, accountId, chargedAt, cardFingerprint } = facts;
  return {
    ...{ paymentId, accountId, chargedAt, cardFingerprint },
    ipHash: facts.ipHash === null ? context.ipHash : null,
    deviceHash: facts.deviceHash === null ? context.deviceHash : null,
    riskLevel: facts.riskLevel === null ? context.riskLevel : null,
    cardCountry: facts.cardCountry === null ? context.cardCountry : null,
    merchantId: facts.merchantId === null ? context.merchantId : null,
    customerCreatedAt: facts.customerCreatedAt === null ? context.customerCreatedAt : null,
    enrichedAt: context.fetchedAt,
  };
}
