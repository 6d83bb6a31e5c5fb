import { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import { emit } from '@towpath/service-kit/message';
import {
  asCode,
  BodyInvalid,
  codeAt,
  fieldsAt,
  requiredCode,
  requiredCurrency,
  requiredText,
  textAt,
  timeAt,
  wholeBetween,
  type Fields,
} from './fields.js';
import { contactOfAddress, mailboxIn } from './tickets/contact.js';
import type { Delivered, Lookups, Routing, Taxonomy } from './taxonomy.js';

const TYPE = 'loan_application.submitted';

/** Applications, as a team's own form sends them by Standard Webhooks: `{ type, timestamp, data: { applicationId, applicant, … } }`. */
export const loans: Taxonomy = {
  provider: 'loans',
  chargesOf: () => [],
  route(body, delivery, lookups): Routing {
    const event = body as Fields;
    const data = fieldsAt(event, 'data');
    const mailbox = mailboxIn(fieldsAt(data, 'applicant')['email']);
    const about = {
      providerType: codeAt(event, 'type') ?? 'unknown',
      providerEventId: asCode(delivery.data.signedId),
      owner: mailbox === null ? null : contactOfAddress(mailbox.address, lookups),
    };
    if (about.providerType !== TYPE) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    try {
      return { kind: 'routed', about, messages: [application(event, data, delivery, lookups)] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};

/** In minor units: far above any loan, and far below what would lose digits. */
const MONEY_MAX = 1_000_000_000_000;
const TERM_MONTHS_MAX = 600;
const EMPLOYMENT_MONTHS_MAX = 1_200;

function application(event: Fields, data: Fields, delivery: Delivered, lookups: Lookups) {
  const applicant = fieldsAt(data, 'applicant');
  const mailbox = mailboxIn(applicant['email']);
  if (mailbox === null) throw new BodyInvalid('applicant.email must be an e-mail address');
  const submittedAt = timeAt(event, 'timestamp', delivery.data.receivedAt);
  return emit(LoanApplicationReceived, {
    applicationId: requiredCode(data, 'applicationId'),
    source: delivery.data.source,
    applicantId: contactOfAddress(mailbox.address, lookups),
    applicantRef: requiredText(applicant, 'reference'),
    name: requiredText(applicant, 'name'),
    email: mailbox.address,
    dateOfBirth: dateOfBirth(applicant, submittedAt),
    amountMinor: wholeBetween(data, 'amountMinor', 1, MONEY_MAX),
    currency: requiredCurrency(data),
    termMonths: wholeBetween(data, 'termMonths', 1, TERM_MONTHS_MAX),
    monthlyIncomeMinor: wholeBetween(data, 'monthlyIncomeMinor', 0, MONEY_MAX),
    monthlyDebtMinor: wholeBetween(data, 'monthlyDebtMinor', 0, MONEY_MAX),
    employmentMonths: wholeBetween(data, 'employmentMonths', 0, EMPLOYMENT_MONTHS_MAX),
    // Free words may name a person and stay readable for ever.
    purpose: asCode(textAt(data, 'purpose')?.toLowerCase() ?? null) ?? 'other',
    submittedAt,
  });
}

/** A day that there is, before the application. */
function dateOfBirth(applicant: Fields, before: number): string {
  const text = requiredText(applicant, 'dateOfBirth');
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  // Date.parse takes 31 February for 3 March.
  const isDay = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
  if (!isDay || time >= before) throw new BodyInvalid('applicant.dateOfBirth must be a day in the past, YYYY-MM-DD');
  return text;
}
