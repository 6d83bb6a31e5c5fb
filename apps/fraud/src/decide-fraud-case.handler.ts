import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { DECISION_EMITS, decidePayment } from './decide-payment.js';
import { decisionInput, decisionReads } from './decision-reads.js';
import { fraudCase } from './fraud-case.js';

/**
 * Decides a case that had to wait for its context. It hears itself: whoever ends the wait sets a timer for now that
 * carries the case's facts, because a decision must know them before it can say which rows to read.
 */
@Handles(FraudCaseOpened, { emits: DECISION_EMITS })
export class DecideFraudCase implements Handler<typeof FraudCaseOpened, typeof DECISION_EMITS> {
  reads({ data }: Received<typeof FraudCaseOpened>): Reads {
    return decisionReads(data);
  }

  handle(
    { data }: Received<typeof FraudCaseOpened>,
    state: DecisionState,
  ): Emission<(typeof DECISION_EMITS)[number]>[] {
    const { decision } = state.of(fraudCase, data.paymentId);
    return decision === undefined ? decidePayment(decisionInput(data, state)) : [];
  }
}
