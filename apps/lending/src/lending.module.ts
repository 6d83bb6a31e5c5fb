import { AgentsModule } from '@towpath/agents/agents.module';
import { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import { LoanDeclined } from '@towpath/contracts/lending/LoanDeclined.v1';
import { LoanReviewOpened } from '@towpath/contracts/lending/LoanReviewOpened.v1';
import { outcome } from '@towpath/service-kit/replay/outcome';
import { Service } from '@towpath/service-kit/service';
import { Applicants } from './applicants.js';
import { AnalyzeCredit } from './analyze-credit.handler.js';
import { DecideLoanReview } from './decide-loan-review.handler.js';
import { GoOnWithoutReport } from './go-on-without-report.handler.js';
import { loanCase } from './loan-case.js';
import { OpenLoanCase } from './open-loan-case.handler.js';
import { PassReportDeadline } from './pass-report-deadline.handler.js';
import { TellApplicant } from './tell-applicant.handler.js';

export const aggregates = [loanCase] as const;

export const handlers = [
  ...[OpenLoanCase, AnalyzeCredit, GoOnWithoutReport, PassReportDeadline, DecideLoanReview],
  TellApplicant,
];

/** Decides each loan application once: granted on conditions, refused with reasons, or by a person. */
@Service({
  ...{ name: 'lending', handlers, aggregates: [...aggregates], imports: [AgentsModule] },
  providers: [Applicants],
  outcomes: [outcome(LoanApproved), outcome(LoanDeclined), outcome(LoanReviewOpened)],
})
export class LendingModule {}
