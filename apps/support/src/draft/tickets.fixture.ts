import type { AccountChange } from '../history/rows.js';

/** A customer's message and every fact that its answer must hold. */
export interface ExampleTicket {
  readonly body: string;
  readonly intent: string;
  readonly history?: readonly AccountChange[];
  /** each must stand in the draft, as it is */
  readonly facts: readonly string[];
}

const DAY = (day: number): number => Date.UTC(2026, 10, day, 12);
const refunded = (paymentId: string, amountMinor: number, day: number): AccountChange => ({
  ...{ paymentId, change: 'refunded', amountMinor, currency: 'EUR', at: DAY(day) },
});
const happened = (change: string, paymentId: string, amountMinor: number, day: number): AccountChange => ({
  ...{ paymentId, change, amountMinor, currency: 'EUR', at: DAY(day) },
});

const REFUND_DAYS = '5 to 10 business days';
const RESET = ['"Forgot password"', 'once and for 60 minutes', 'spam folder'];
const TRACK = ['tracking link under "Orders"', '2 to 4 business days'];
const CANCEL = [
  '"Billing", then "Plan", then "Cancel"',
  'until the end of the paid period',
  'Nothing is charged after that',
];
const INVOICE = ['"Billing", then "Invoices"', '10 years'];

/** Fifty messages as customers write them: with and without history, one question and two, polite and curt. */
export const exampleTickets: readonly ExampleTicket[] = [
  { body: 'Where is my refund?', intent: 'refund_status', facts: [REFUND_DAYS] },
  {
    body: 'I returned order 4711 two weeks ago. Where is my refund?',
    intent: 'refund_status',
    facts: ['order 4711', REFUND_DAYS],
  },
  {
    body: 'I am still waiting for my money back.',
    intent: 'refund_status',
    history: [refunded('pi_1001', 1200, 20)],
    facts: ['12.00 EUR', 'pi_1001', '20 November 2026', REFUND_DAYS],
  },
  {
    body: 'Has the refund for purchase #A-9921 been sent?',
    intent: 'refund_status',
    history: [refunded('pi_7', 5, 3)],
    facts: ['A-9921', '0.05 EUR', '3 November 2026', 'to no other'],
  },
  {
    body: 'Hi, the shop said the order was canceled. When do I get the money?',
    intent: 'refund_status',
    history: [happened('canceled', 'pi_22', 9900, 11)],
    facts: ['pi_22', 'canceled on 11 November 2026', 'no money was taken', REFUND_DAYS],
  },
  {
    body: 'Both refunds are missing on my account statement.',
    intent: 'refund_status',
    history: [refunded('pi_31', 1000, 12), refunded('pi_32', 2050, 14)],
    facts: ['10.00 EUR', '20.50 EUR', 'pi_31', 'pi_32', REFUND_DAYS],
  },
  {
    body: 'I would like to return the shoes and get a refund.',
    intent: 'refund_request',
    facts: ['within 30 days', '"Request a refund"', '2 business days'],
  },
  {
    body: 'Please refund order 88213, it is broken.',
    intent: 'refund_request',
    facts: ['order 88213', '30 days after delivery', '2 business days'],
  },
  {
    body: 'I want to give it back and have my money back.',
    intent: 'refund_request',
    facts: ['30 days after delivery', '"Request a refund"'],
  },
  { body: 'Refund please. Order number: X77-120', intent: 'refund_request', facts: ['X77-120', '"Orders"'] },
  {
    body: 'I was charged twice for the same thing.',
    intent: 'duplicate_charge',
    facts: ['within 7 days', 'two dates and amounts'],
  },
  {
    body: 'There is a double charge on my card from Monday.',
    intent: 'duplicate_charge',
    history: [happened('held', 'pi_41', 4999, 23)],
    facts: ['pi_41', '49.99 EUR', 'under review since 23 November 2026', 'only a reservation'],
  },
  {
    body: 'You billed me two times! Is one of them given back?',
    intent: 'duplicate_charge',
    history: [refunded('pi_43', 3000, 25)],
    facts: ['30.00 EUR', '25 November 2026', 'drops within 7 days'],
  },
  { body: 'I need the invoice for my tax return.', intent: 'invoice_copy', facts: INVOICE },
  {
    body: 'Could you send me a copy of the invoice of order 5120?',
    intent: 'invoice_copy',
    facts: ['order 5120', ...INVOICE],
  },
  { body: 'Where can I download a VAT invoice?', intent: 'invoice_copy', facts: INVOICE },
  {
    body: 'My payment failed and I do not know why.',
    intent: 'payment_failed',
    facts: ['takes no money', 'expiry date and limit', '3 declined attempts', '24 hours'],
  },
  {
    body: 'The card was declined again.',
    intent: 'payment_failed',
    history: [happened('failed', 'pi_51', 2500, 28)],
    facts: ['pi_51', '25.00 EUR', 'declined on 28 November 2026', 'another card'],
  },
  {
    body: 'Why was my payment stopped?',
    intent: 'payment_failed',
    history: [happened('blocked', 'pi_52', 180000, 27)],
    facts: ['pi_52', '1800.00 EUR', 'stopped on 27 November 2026', 'takes no money'],
  },
  {
    body: 'Can I upgrade to the yearly plan?',
    intent: 'change_plan',
    facts: ['"Billing", then "Plan"', 'counts at once'],
  },
  {
    body: 'I want to downgrade my plan next month.',
    intent: 'change_plan',
    facts: ['from the next billing period on'],
  },
  { body: 'How do I cancel my subscription?', intent: 'cancel_subscription', facts: CANCEL },
  { body: 'Please stop the renewal, I do not need it any more.', intent: 'cancel_subscription', facts: CANCEL },
  {
    body: 'I cannot log in since this morning.',
    intent: 'login_problem',
    facts: ['5 wrong passwords', '30 minutes', '"Forgot password"'],
  },
  { body: 'My account is locked, what now?', intent: 'login_problem', facts: ['locked for 30 minutes'] },
  { body: 'I forgot my password.', intent: 'password_reset', facts: RESET },
  { body: 'The reset email is not arriving.', intent: 'password_reset', facts: [...RESET, 'within 5 minutes'] },
  {
    body: 'How can I change the email address of my account?',
    intent: 'change_email',
    facts: ['"Profile", then "E-mail"', 'both have to confirm within 24 hours'],
  },
  {
    body: 'I have a new email, please update it.',
    intent: 'change_email',
    facts: ['Both the old and the new address'],
  },
  {
    body: 'Please delete my account and all of my data.',
    intent: 'delete_account',
    facts: ['"Delete account"', 'erased 14 days later', 'undo it'],
  },
  {
    body: 'I lost my phone with the authenticator.',
    intent: 'two_factor',
    facts: ['10 backup codes', '1 business day'],
  },
  { body: 'The 2FA code is not working.', intent: 'two_factor', facts: ['backup codes instead of the code'] },
  { body: 'Where is my order?', intent: 'order_status', facts: TRACK },
  { body: 'When does order 60012 arrive?', intent: 'order_status', facts: ['order 60012', ...TRACK] },
  { body: 'Is there a tracking number for my parcel?', intent: 'order_status', facts: TRACK },
  {
    body: 'My parcel is a week late.',
    intent: 'delivery_delay',
    facts: ['lost 10 business days', 'a new one and your money back'],
  },
  {
    body: 'Order #B-2231 has not been delivered.',
    intent: 'delivery_delay',
    facts: ['B-2231', '10 business days after it was sent'],
  },
  { body: 'When can I call you?', intent: 'contact_hours', facts: ['Monday to Friday between 8:00 and 18:00 UTC'] },
  {
    body: 'The app crashes when I open a report.',
    intent: 'bug_report',
    facts: ['the exact words of the message', '"Help", then "About"', 'newest version'],
  },
  {
    body: 'Our API key returns 401 since yesterday.',
    intent: 'api_error',
    facts: ['older than 90 days', 'Retry-After'],
  },
  { body: 'We hit the rate limit all the time.', intent: 'api_error', facts: ['more than 100 requests in a minute'] },
  {
    body: 'How do I set up a webhook?',
    intent: 'webhook_setup',
    facts: ['"Developers", then "Webhooks"', '8 times over 24 hours', "endpoint's own secret"],
  },
  {
    body: 'Can I export my data as CSV?',
    intent: 'export_data',
    facts: ['"Settings", then "Export"', 'within 15 minutes', '7 days'],
  },
  {
    body: 'There is a charge that I do not recognise.',
    intent: 'unauthorised_charge',
    facts: ['lock the card now', 'within 1 business day'],
  },
  {
    body: 'Somebody used my card. I did not make this payment.',
    intent: 'unauthorised_charge',
    history: [happened('blocked', 'pi_61', 77700, 26), refunded('pi_62', 1500, 27)],
    facts: ['pi_61', '777.00 EUR', 'pi_62', '15.00 EUR', 'lock the card now'],
  },
  {
    body: 'I think my account was hacked.',
    intent: 'account_compromised',
    facts: ['Set a new password now', '"Sign out everywhere"', 'second factor'],
  },
  {
    body: 'How do I cancel my subscription? I also need the invoice for the last order.',
    intent: 'cancel_subscription',
    facts: [...CANCEL, ...INVOICE],
  },
  {
    body: 'I forgot my password and the link does not come. Besides, where is my order 70071?',
    intent: 'password_reset',
    facts: [...RESET, 'order 70071', ...TRACK],
  },
  {
    body: 'I was charged twice. How can I change my email address as well?',
    intent: 'duplicate_charge',
    facts: ['only a reservation', '"Profile", then "E-mail"', 'within 24 hours'],
  },
  {
    body: 'Hello! Is my refund on its way? And when can I call you about it?',
    intent: 'unknown_to_the_team',
    history: [refunded('pi_71', 100, 1)],
    facts: ['1.00 EUR', '1 November 2026', REFUND_DAYS, 'Monday to Friday'],
  },
];
