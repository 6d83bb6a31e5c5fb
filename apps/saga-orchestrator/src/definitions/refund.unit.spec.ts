import { CreditIssued } from '@towpath/contracts/commerce/CreditIssued.v1';
import { IssueCredit } from '@towpath/contracts/commerce/IssueCredit.v1';
import { PostRefund } from '@towpath/contracts/commerce/PostRefund.v1';
import { RefundPosted } from '@towpath/contracts/commerce/RefundPosted.v1';
import { RefundRefused } from '@towpath/contracts/commerce/RefundRefused.v1';
import { RefundReleased } from '@towpath/contracts/commerce/RefundReleased.v1';
import { RefundReserved } from '@towpath/contracts/commerce/RefundReserved.v1';
import { ReleaseRefund } from '@towpath/contracts/commerce/ReleaseRefund.v1';
import { ReserveRefund } from '@towpath/contracts/commerce/ReserveRefund.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { RefundRequested } from '@towpath/contracts/orders/RefundRequested.v1';
import { RefundAtAlternateGateway } from '@towpath/contracts/payments/RefundAtAlternateGateway.v1';
import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import { refund } from './refund.saga.js';
import { confirmed, NOON, refused, storyOf, type Answers, type Story } from './told-story.fixture.js';

const asked: RefundRequested = {
  ...{ refundId: 'refund_1', orderId: 'order_1', source: 'shop', customerId: 'contact_1', email: 'ada@example.com' },
  ...{ amountMinor: null, currency: 'EUR', reason: 'damaged', requestedAt: NOON },
};
const about = { refundId: 'refund_1', orderId: 'order_1', amountMinor: 2_500, currency: 'EUR' };
const who = { customerId: 'contact_1', accountId: 'cus_1', paymentId: 'pi_1' };

const no = (code: string) => () => ({
  contract: RefundRefused,
  data: { ...about, code, leftMinor: 0, refusedAt: NOON },
});

const books: Answers = {
  [ReserveRefund.type]: () => ({
    contract: RefundReserved,
    data: { ...about, ...who, leftMinor: 0, repeated: false, reservedAt: NOON },
  }),
  [ReleaseRefund.type]: () => ({ contract: RefundReleased, data: { ...about, reason: 'spec', releasedAt: NOON } }),
  [RefundCharge.type]: confirmed(RefundCharge.type, 'stripe', 're_1'),
  [RefundAtAlternateGateway.type]: confirmed(RefundAtAlternateGateway.type, 'alternate', 'alt_1'),
  [IssueCredit.type]: () => ({
    contract: CreditIssued,
    data: {
      ...{ customerId: 'contact_1', creditId: 'refund_1', orderId: 'order_1', amountMinor: 2_500, currency: 'EUR' },
      ...{ balanceMinor: 2_500, reason: 'spec', repeated: false, issuedAt: NOON },
    },
  }),
  [PostRefund.type]: ({ method, provider, reference }: PostRefund) => ({
    contract: RefundPosted,
    data: {
      ...{ ...about, method, provider, reference, entryId: 'refund:refund_1', repeated: false, postedAt: NOON },
      ...{ debitAccount: 'sales-returns', creditAccount: 'cash', refundedMinor: 2_500, paidMinor: 2_500 },
    },
  }),
};

function refunded(over: Answers = {}): Story {
  const start = { contract: RefundRequested, data: asked, key: 'refund_1' };
  return storyOf(refund, start, { ...books, ...over });
}

const entry = ({ asked: all }: Story) => all.find(({ name }) => name === 'PostRefund')!.data;
const letter = ({ asked: all }: Story) => String(all.find(({ name }) => name === 'SendMail')!.data['text']);

describe('a refund', () => {
  it('goes back at the gateway, is entered into the ledger and told to the customer', () => {
    const story = refunded();
    expect(story.names).toEqual(['ReserveRefund', 'RefundCharge', 'PostRefund', 'SendMail']);
    expect(story.asked[1]!.data).toMatchObject({ refundId: 'refund_1', chargeRef: 'order_1', amountMinor: 2_500 });
    expect(entry(story)).toMatchObject({ method: 'gateway', provider: 'stripe', reference: 're_1' });
    expect(letter(story)).toContain('25.00 EUR');
    expect(story.ends).toEqual(['completed']);
  });

  it('goes back by the alternate gateway when the gateway refuses', () => {
    const story = refunded({ [RefundCharge.type]: refused(RefundCharge.type) });
    expect(story.names).toEqual([
      'ReserveRefund',
      'RefundCharge',
      'RefundAtAlternateGateway',
      'PostRefund',
      'SendMail',
    ]);
    expect(entry(story)).toMatchObject({ method: 'alternate-gateway', provider: 'alternate', reference: 'alt_1' });
    expect(story.ends).toEqual(['completed']);
  });

  it('becomes a credit when no gateway pays, and the customer is told that it is one', () => {
    const story = refunded({
      [RefundCharge.type]: refused(RefundCharge.type),
      [RefundAtAlternateGateway.type]: refused(RefundAtAlternateGateway.type),
    });
    expect(story.names.slice(1, 4)).toEqual(['RefundCharge', 'RefundAtAlternateGateway', 'IssueCredit']);
    expect(entry(story)).toMatchObject({ method: 'credit', provider: 'commerce', reference: 'refund_1' });
    expect(letter(story)).toContain('credit');
    expect(story.ends).toEqual(['completed']);
  });

  it('asks no gateway for money that is not left', () => {
    const story = refunded({ [ReserveRefund.type]: no('EXCEEDS_PAID') });
    expect(story.names).not.toContain('RefundCharge');
  });

  it('frees its money when nobody pays it', () => {
    const story = refunded({
      [RefundCharge.type]: refused(RefundCharge.type),
      [RefundAtAlternateGateway.type]: refused(RefundAtAlternateGateway.type),
      [IssueCredit.type]: no('NOT_SET_ASIDE'),
    });
    expect(story.names.at(-1)).toBe('ReleaseRefund');
    expect(story.ends).toEqual(['compensated']);
  });

  it('that was paid and can not be entered is a question for a person, and its money stays set aside', () => {
    const story = refunded({ [PostRefund.type]: no('NOT_SET_ASIDE') });
    expect(story.names).not.toContain('ReleaseRefund');
    expect(story.ends).toEqual(['needs_human']);
  });

  it('stands although the mail can not be sent', () => {
    expect(refunded({ [SendMail.type]: refused(SendMail.type) }).ends).toEqual(['completed']);
  });
});
