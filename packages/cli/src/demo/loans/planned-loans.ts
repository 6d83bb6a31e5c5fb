/** What has to become of an application. */
export type LoanEnd = 'approved' | 'declined' | 'approved by a person';

/** One application of the demo, with what the bureau knows. */
export interface PlannedLoan {
  readonly name: string;
  readonly applicationId: string;
  readonly applicantRef: string;
  readonly end: LoanEnd;
  readonly body: object;
  readonly report: object;
}

interface Written {
  readonly name: string;
  readonly end: LoanEnd;
  readonly amountMinor: number;
  readonly termMonths: number;
  readonly report: object;
}

const GOOD = {
  ...{ score: 780, delinquencies24m: 0, utilisationPercent: 12, inquiries6m: 1, bankruptcies: 0 },
  ...{ monthsOfHistory: 96, monthlyDebtMinor: 20_000 },
};
const POOR = {
  ...{ score: 420, delinquencies24m: 4, utilisationPercent: 90, inquiries6m: 6, bankruptcies: 0 },
  ...{ monthsOfHistory: 10, monthlyDebtMinor: 35_000 },
};
const FAIR = {
  ...{ score: 560, delinquencies24m: 1, utilisationPercent: 60, inquiries6m: 2, bankruptcies: 0 },
  ...{ monthsOfHistory: 30, monthlyDebtMinor: 20_000 },
};

const WRITTEN: readonly Written[] = [
  { name: 'loan, good credit', end: 'approved', amountMinor: 800_000, termMonths: 36, report: GOOD },
  { name: 'loan, poor credit', end: 'declined', amountMinor: 600_000, termMonths: 48, report: POOR },
  { name: 'loan, fair credit', end: 'approved by a person', amountMinor: 700_000, termMonths: 48, report: FAIR },
];

/** Three applications that follow from `seed`: one that is granted, one that is refused, one that a person decides. */
export function plannedLoans(seed: string, now: Date): PlannedLoan[] {
  return WRITTEN.map(({ name, end, amountMinor, termMonths, report }, index) => {
    const applicationId = `${seed}-loan-${index + 1}`;
    const applicantRef = `${seed}-applicant-${index + 1}`;
    const applicant = {
      ...{ reference: applicantRef, name: `Applicant ${index + 1}`, dateOfBirth: '1988-04-12' },
      email: `${applicantRef}@example.com`,
    };
    const asked = { amountMinor, currency: 'EUR', termMonths, purpose: 'car' };
    const means = { monthlyIncomeMinor: 420_000, monthlyDebtMinor: 20_000, employmentMonths: 50 };
    const data = { applicationId, applicant, ...asked, ...means };
    const body = { type: 'loan_application.submitted', timestamp: now.toISOString(), data };
    return { name, applicationId, applicantRef, end, body, report };
  });
}
