import { Inject, Injectable } from '@nestjs/common';
import { OpinionDeadlinePassed } from '@towpath/contracts/fraud/OpinionDeadlinePassed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { DECISION_EMITS, decidePayment } from './decide-payment.js';
import { decisionInput, decisionReads } from './decision-reads.js';
import { fraudCase } from './fraud-case.js';
import { BY_RULES_ALONE, Judge, type Judging } from './judge.js';

/** The model took too long: the analysts' score decides. */
@Injectable()
@Handles(OpinionDeadlinePassed, { emits: DECISION_EMITS })
export class PassOpinionDeadline implements Handler<typeof OpinionDeadlinePassed, typeof DECISION_EMITS> {
  constructor(@Inject(Judge) private readonly judging: Judging = BY_RULES_ALONE) {}

  reads({ data }: Received<typeof OpinionDeadlinePassed>): Reads {
    return decisionReads(data);
  }

  handle(
    { data }: Received<typeof OpinionDeadlinePassed>,
    state: DecisionState,
  ): Emission<(typeof DECISION_EMITS)[number]>[] {
    const { facts, decision } = state.of(fraudCase, data.paymentId);
    return facts && decision === undefined
      ? decidePayment(decisionInput(facts, state), { rules: this.judging.rules, asks: false })
      : [];
  }
}
