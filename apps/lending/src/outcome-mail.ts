import type { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import type { LoanDeclined } from '@towpath/contracts/lending/LoanDeclined.v1';

/** What the applicant reads: our own fixed words, the lender's numbers, and nothing that anybody outside wrote. */
export interface OutcomeMail {
  readonly subject: string;
  readonly text: string;
}

export const MAIL_CHARS_MAX = 4_000;

export function approvalMail(loan: LoanApproved): OutcomeMail {
  const { applicationId, amountMinor, currency, termMonths, aprBasisPoints, monthlyPaymentMinor, conditions } = loan;
  return mail(applicationId, 'your loan is approved', [
    `We can lend you ${money(amountMinor, currency)} over ${termMonths} months at ${(aprBasisPoints / 100).toFixed(2)} % a year.`,
    `You would pay ${money(monthlyPaymentMinor, currency)} a month.`,
    ...(conditions.length === 0 ? [] : ['', 'Before we pay it out:', ...conditions.map(({ text }) => `- ${text}`)]),
    ...how(loan.decidedBy),
  ]);
}

export function refusalMail(loan: LoanDeclined): OutcomeMail {
  return mail(loan.applicationId, 'we can not offer you this loan', [
    'We have looked at your application and can not offer you this loan. The reasons, the weightiest first:',
    ...loan.reasons.map(({ text }) => `- ${text}`),
    ...how(loan.decidedBy),
  ]);
}

/** Who is decided about by a program may ask for a person. */
function how(decidedBy: string): string[] {
  const who =
    decidedBy === 'person'
      ? 'A person decided this.'
      : 'A program decided this. You can ask for a person to look at it.';
  return ['', who, 'Write to us if you want to know what exactly it rests on: we keep it and will show you.'];
}

function mail(applicationId: string, what: string, lines: readonly string[]): OutcomeMail {
  const text = ['Hello,', '', ...lines, '', `Your application: ${applicationId}`].join('\n');
  return { subject: `Application ${applicationId}: ${what}`, text: text.slice(0, MAIL_CHARS_MAX) };
}

/** As the currency is written everywhere: `8000.00 EUR`, `8000 JPY`. */
function money(minor: number, currency: string): string {
  const digits =
    new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
  return `${(minor / 10 ** digits).toFixed(digits)} ${currency}`;
}
