import { AgentsModule } from '@towpath/agents/agents.module';
import { Service } from '@towpath/service-kit/service';
import { AnalyzeCredit } from './analyze-credit.handler.js';
import { DecideLoanReview } from './decide-loan-review.handler.js';
import { GoOnWithoutReport } from './go-on-without-report.handler.js';
import { loanCase } from './loan-case.js';
import { OpenLoanCase } from './open-loan-case.handler.js';
import { PassReportDeadline } from './pass-report-deadline.handler.js';

export const aggregates = [loanCase] as const;

export const handlers = [OpenLoanCase, AnalyzeCredit, GoOnWithoutReport, PassReportDeadline, DecideLoanReview];

/** Decides each loan application once: granted on conditions, refused with reasons, or by a person. */
@Service({ name: 'lending', handlers, aggregates: [...aggregates], imports: [AgentsModule] })
export class LendingModule {}
