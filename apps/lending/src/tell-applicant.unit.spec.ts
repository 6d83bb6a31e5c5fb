import { judgeAct } from '@towpath/agents/policy/agent-acts';
import { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import { LoanDeclined } from '@towpath/contracts/lending/LoanDeclined.v1';
import type { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { Emission, Received } from '@towpath/service-kit/message';
import { conditionOf } from './conditions.js';
import { creditAnalyst } from './credit-analyst.agent.js';
import { reason } from './reasons.js';
import { TellApplicant } from './tell-applicant.handler.js';

const ADA = 'ada@example.com';
const common = { applicationId: 'A-7', applicantId: 'contact_1', actor: null, inputsHash: 'ab', ruleVersions: [] };
const approved: LoanApproved = {
  ...{ ...common, amountMinor: 800_000, currency: 'EUR', termMonths: 36, aprBasisPoints: 725, approvedAt: 1 },
  ...{ monthlyPaymentMinor: 24_792, conditions: [conditionOf('PROOF_OF_INCOME')], decidedBy: 'analyst' },
};
const declined: LoanDeclined = {
  ...{ ...common, reasons: [reason('LOW_BUREAU_SCORE'), reason('SHORT_EMPLOYMENT')], decidedBy: 'analyst' },
  declinedAt: 1,
};

function told<C extends typeof LoanApproved | typeof LoanDeclined>(
  contract: C,
  data: DataOf<C>,
  to: string | undefined,
): Emission<Contract<SendMail>>[] {
  const message = { type: contract.type, data } as unknown as Received<C>;
  return new TellApplicant(undefined as never).handle(message, undefined as never, to);
}

describe('the mail with the outcome', () => {
  it('says what is offered, on which conditions, and that a person can be asked', () => {
    const [mail] = told(LoanApproved, approved, ADA);
    expect(mail!.data).toMatchObject({ mailId: 'loan-outcome_A-7', recipientId: 'contact_1', to: ADA });
    for (const words of [
      '8000.00 EUR',
      '36 months',
      '7.25 %',
      '247.92 EUR',
      'proof of your income',
      'ask for a person',
    ])
      expect(mail!.data.text).toContain(words);
  });

  it('gives every reason of a refusal, the weightiest first', () => {
    const { text } = told(LoanDeclined, declined, ADA)[0]!.data;
    const places = declined.reasons.map((one) => text.indexOf(one.text));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  it('goes to nobody whose address is gone', () => {
    expect(told(LoanDeclined, declined, undefined)).toEqual([]);
  });

  it('is asked for by the agent that had a hand in the decision, and by nobody else’s word for another person', () => {
    const [mail] = told(LoanApproved, approved, ADA);
    expect(mail!.by?.name).toBe(creditAnalyst.name);
    const judged = (applicantId: string) =>
      judgeAct(creditAnalyst, mail!, { taint: 'untrusted', subject: { applicantId } }).kind;
    expect([judged('contact_1'), judged('contact_2')]).toEqual(['allow', 'refuse']);
    for (const decidedBy of ['rules', 'person'])
      expect(told(LoanDeclined, { ...declined, decidedBy }, ADA)[0]!.by).toBeUndefined();
  });
});
