import { Inject, Injectable } from '@nestjs/common';
import { ContextDeadlinePassed } from '@towpath/contracts/fraud/ContextDeadlinePassed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { DECISION_EMITS, decidePayment } from './decide-payment.js';
import { decisionInput, decisionReads } from './decision-reads.js';
import { fraudCase } from './fraud-case.js';
import { BY_RULES_ALONE, Judge, type Judging } from './judge.js';

/** Waiting is over: the case is decided with what is known. */
@Injectable()
@Handles(ContextDeadlinePassed, { emits: DECISION_EMITS })
export class PassContextDeadline implements Handler<typeof ContextDeadlinePassed, typeof DECISION_EMITS> {
  constructor(@Inject(Judge) private readonly judging: Judging = BY_RULES_ALONE) {}

  reads({ data }: Received<typeof ContextDeadlinePassed>): Reads {
    return decisionReads(data);
  }

  handle(
    { data }: Received<typeof ContextDeadlinePassed>,
    state: DecisionState,
  ): Emission<(typeof DECISION_EMITS)[number]>[] {
    const { facts, decision, asked } = state.of(fraudCase, data.paymentId);
    return facts && decision === undefined && !asked ? decidePayment(decisionInput(facts, state), this.judging) : [];
  }
}
