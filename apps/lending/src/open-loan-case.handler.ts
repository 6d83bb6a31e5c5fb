import { FetchCreditReport } from '@towpath/contracts/credit/FetchCreditReport.v1';
import { ApplicantNoted } from '@towpath/contracts/lending/ApplicantNoted.v1';
import { CreditReportDeadlinePassed } from '@towpath/contracts/lending/CreditReportDeadlinePassed.v1';
import { LoanCaseOpened } from '@towpath/contracts/lending/LoanCaseOpened.v1';
import { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, remind, type Emission, type Received } from '@towpath/service-kit/message';
import { isOfAge } from './legal-age.js';
import { loanCase } from './loan-case.js';
import { refusalAtOnce } from './loan.decider.js';
import { declined, OUTCOME_EMITS } from './loan-outcome.js';
import { POLICY } from './policy.js';

const EMITS = [
  LoanCaseOpened,
  ApplicantNoted,
  FetchCreditReport,
  CreditReportDeadlinePassed,
  ...OUTCOME_EMITS,
] as const;

/**
 * An application opens its case. What speaks against it by itself is refused at once, so that no bureau is asked about it; otherwise
 * the bureau is, for a bounded time. The case keeps nothing that tells who the applicant is; where they are told the outcome stands apart.
 */
@Handles(LoanApplicationReceived, { emits: EMITS, decrypts: true })
export class OpenLoanCase implements Handler<typeof LoanApplicationReceived, typeof EMITS> {
  reads({ data }: Received<typeof LoanApplicationReceived>): Reads {
    return { streams: [loanCase.of(data.applicationId)] };
  }

  handle({ data }: Received<typeof LoanApplicationReceived>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { applicationId, applicantId } = data;
    if (state.of(loanCase, applicationId).facts) return [];
    const facts = factsOf(data, state.now);
    const noted = { applicationId, applicantId, email: data.email, notedAt: state.now.getTime() };
    const opened = [emit(LoanCaseOpened, facts), emit(ApplicantNoted, noted)];
    const reasons = refusalAtOnce(facts);
    if (reasons) return [...opened, declined(facts, reasons, { decidedBy: 'rules', inputsHash: null, now: state.now })];
    const due = new Date(state.now.getTime() + POLICY.reportWaitMs);
    const { applicantRef, name: fullName, dateOfBirth } = data;
    const who = { applicationId, applicantId, applicantRef, fullName, dateOfBirth };
    return [
      ...opened,
      emit(FetchCreditReport, { ...who, purpose: 'loan-application' }),
      remind(CreditReportDeadlinePassed, due, { applicationId, applicantId }),
    ];
  }
}

function factsOf(application: LoanApplicationReceived, now: Date): LoanCaseOpened {
  const { applicationId, applicantId, source, amountMinor, currency, termMonths } = application;
  const { monthlyIncomeMinor, monthlyDebtMinor, employmentMonths, purpose, submittedAt } = application;
  return {
    ...{ applicationId, applicantId, source, amountMinor, currency, termMonths },
    ...{ monthlyIncomeMinor, monthlyDebtMinor, employmentMonths, purpose, submittedAt },
    ofLegalAge: isOfAge(application.dateOfBirth, submittedAt, POLICY.legalAgeYears),
    openedAt: now.getTime(),
  };
}
