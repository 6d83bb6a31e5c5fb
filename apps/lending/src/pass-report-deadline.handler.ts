import { CreditReportDeadlinePassed } from '@towpath/contracts/lending/CreditReportDeadlinePassed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { loanCase } from './loan-case.js';
import { LOAN_REVIEW_EMITS } from './loan-review.js';
import { goOnWithoutReport } from './without-report.js';

/** Waiting for the bureau is over: a person decides, and a report that still comes ends their review. */
@Handles(CreditReportDeadlinePassed, { emits: LOAN_REVIEW_EMITS })
export class PassReportDeadline implements Handler<typeof CreditReportDeadlinePassed, typeof LOAN_REVIEW_EMITS> {
  reads({ data }: Received<typeof CreditReportDeadlinePassed>): Reads {
    return { streams: [loanCase.of(data.applicationId)] };
  }

  handle(
    { data }: Received<typeof CreditReportDeadlinePassed>,
    state: DecisionState,
  ): Emission<(typeof LOAN_REVIEW_EMITS)[number]>[] {
    const before = state.of(loanCase, data.applicationId);
    return goOnWithoutReport(before, 'the credit bureau did not answer in time', state.now);
  }
}
