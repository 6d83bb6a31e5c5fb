import { CreditReportUnavailable } from '@towpath/contracts/egress/CreditReportUnavailable.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { loanCase } from './loan-case.js';
import { LOAN_REVIEW_EMITS } from './loan-review.js';
import { goOnWithoutReport } from './without-report.js';

/** The bureau could not be asked, or knows nobody of that description: a person decides. */
@Handles(CreditReportUnavailable, { emits: LOAN_REVIEW_EMITS })
export class GoOnWithoutReport implements Handler<typeof CreditReportUnavailable, typeof LOAN_REVIEW_EMITS> {
  reads({ data }: Received<typeof CreditReportUnavailable>): Reads {
    return { streams: [loanCase.of(data.applicationId)] };
  }

  handle(
    { data }: Received<typeof CreditReportUnavailable>,
    state: DecisionState,
  ): Emission<(typeof LOAN_REVIEW_EMITS)[number]>[] {
    const before = state.of(loanCase, data.applicationId);
    return goOnWithoutReport(before, `no report of the credit bureau: ${data.code}`, state.now);
  }
}
