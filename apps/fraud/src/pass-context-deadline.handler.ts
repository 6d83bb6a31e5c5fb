import { ContextDeadlinePassed } from '@towpath/contracts/fraud/ContextDeadlinePassed.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { remind, type Emission, type Received } from '@towpath/service-kit/message';
import { fraudCase } from './fraud-case.js';

/** Waiting is over: the case is decided with what is known. */
@Handles(ContextDeadlinePassed, { emits: [FraudCaseOpened] })
export class PassContextDeadline implements Handler<typeof ContextDeadlinePassed, [typeof FraudCaseOpened]> {
  reads({ data }: Received<typeof ContextDeadlinePassed>): Reads {
    return { streams: [fraudCase.of(data.paymentId)] };
  }

  handle({ data }: Received<typeof ContextDeadlinePassed>, state: DecisionState): Emission<typeof FraudCaseOpened>[] {
    const { facts, decision } = state.of(fraudCase, data.paymentId);
    if (!facts || decision !== undefined) return [];
    return [remind(FraudCaseOpened, state.now, facts)];
  }
}
