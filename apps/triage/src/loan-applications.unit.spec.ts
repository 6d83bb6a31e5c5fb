import { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import { Triage, delivered } from './triage.fixture.js';
import { NOW, email, mail, received } from './tickets.fixture.js';

describe('a loan application', () => {
  const loans = { provider: 'loans', source: 'loans', scheme: 'standard' };
  const applicant = { reference: 'DE-77', name: 'Jenny Rosen', email: 'jenny@example.com', dateOfBirth: '1988-02-29' };
  const data = {
    applicationId: 'loan_1',
    applicant,
    amountMinor: 1_200_000,
    currency: 'eur',
    termMonths: 36,
    monthlyIncomeMinor: 320_000,
    monthlyDebtMinor: 0,
    employmentMonths: 48,
    purpose: 'Car',
  };
  const submitted = (changes: object = {}) => ({
    type: 'loan_application.submitted',
    timestamp: NOW,
    data: { ...data, ...changes },
  });

  it('becomes LoanApplicationReceived about the person that a ticket of theirs is about', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', submitted(), loans));
    triage.deliver(delivered('d2', mail(), email));
    const [application] = triage.all(LoanApplicationReceived);
    expect(application).toMatchObject({
      applicationId: 'loan_1',
      currency: 'EUR',
      purpose: 'car',
      dateOfBirth: '1988-02-29',
    });
    expect(application?.applicantId).toBe(received(triage)[0]?.customerId);
    expect(triage.readable()).not.toMatch(/Jenny|jenny|DE-77|1988/);
  });

  it('keeps a purpose in free words out of what stays readable', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', submitted({ purpose: 'for my mother Anna' }), loans));
    expect(triage.all(LoanApplicationReceived)).toMatchObject([{ purpose: 'other' }]);
  });

  it.each([
    ['a day that there is not', { applicant: { ...applicant, dateOfBirth: '1989-02-29' } }],
    ['a birth to come', { applicant: { ...applicant, dateOfBirth: '2027-01-01' } }],
    ['no e-mail', { applicant: { ...applicant, email: 'x' } }],
    ['no reference', { applicant: { ...applicant, reference: '' } }],
    ['a fraction', { amountMinor: 1.5 }],
    ['nothing', { amountMinor: 0 }],
    ['too much', { amountMinor: 1e15 }],
    ['a negative debt', { monthlyDebtMinor: -1 }],
    ['no term', { termMonths: 0 }],
    ['no currency', { currency: 'euro' }],
  ])('with %s is refused, and the refusal tells nothing of it', (_what, changes) => {
    const triage = new Triage();
    triage.deliver(delivered('d1', submitted(changes), loans));
    expect(triage.of('delivery-d1')[0]).toMatchObject(['DeliveryRefused', { code: 'BODY_INVALID' }]);
    expect(triage.readable()).not.toMatch(/Jenny|jenny|DE-77|198[89]/);
  });
});
