import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { SubjectForgotten } from '@towpath/contracts/platform/SubjectForgotten.v1';
import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { ReplyFailed } from '@towpath/contracts/support/ReplyFailed.v1';
import { ReplySent } from '@towpath/contracts/support/ReplySent.v1';
import { TicketEscalated } from '@towpath/contracts/support/TicketEscalated.v1';
import { SendTicketReply } from '@towpath/contracts/tickets/SendTicketReply.v1';
import { project } from '@towpath/event-store/projection';
import { accounts } from './history/accounts.projection.js';
import { customers } from './history/customers.projection.js';
import { CUSTOMER, SupportWorld } from './support-world.fixture.js';
import { ORDER, asked, effect, confirmed } from './support-questions.fixture.js';

describe('the outcome of a reply', () => {
  it('is sent once the provider has it, once', async () => {
    const world = await asked(ORDER);
    world.tell(EffectConfirmed, confirmed).tell(EffectConfirmed, confirmed);
    expect(world.all(ReplySent)).toMatchObject([{ effectId: 'e1', providerReference: 'comment-9' }]);
  });

  it.each([
    ['failed', EffectFailed, { code: 'REFUSED', detail: '422', failedAt: 6 }, 'REFUSED'],
    ['is unknown', EffectOutcomeUnknown, { detail: 'reset', givenUpAt: 6 }, 'OUTCOME_UNKNOWN'],
  ] as const)(
    'gives the ticket to a person when it %s, and nothing is sent again',
    async (_what, contract, more, code) => {
      const world = await asked(ORDER);
      world.tell(contract, { ...effect, action: SendTicketReply.type, ...more });
      expect(world.all(ReplyFailed)).toMatchObject([{ code }]);
      expect(world.all(TicketEscalated)).toMatchObject([{ reasons: [{ code: 'reply-failed' }] }]);
      expect(world.all(SendTicketReply)).toHaveLength(1);
    },
  );
});

describe("a customer's history", () => {
  const blocked = {
    ...{ paymentId: 'pi_1', accountId: 'cus_1', chargeId: 'ch_1', amountMinor: 2500, currency: 'EUR', score: 9 },
    ...{
      rulesVersion: '1',
      signals: [],
      missing: [],
      decidedBy: 'rules',
      chargedAt: 0,
      decidedAt: Date.UTC(2026, 10, 28),
    },
  };
  const refunded = {
    ...confirmed,
    action: RefundPayment.type,
    subjectId: 'pi_1',
    accountId: 'cus_1',
    confirmedAt: Date.UTC(2026, 10, 29),
  };

  it('is told in the draft, cited', async () => {
    const world = new SupportWorld().tell(PaymentBlocked, blocked as never);
    await asked('My payment failed, why?', { intent: 'payment_failed', queue: 'billing', accountId: 'cus_1' }, world);
    const [draft] = world.all(ReplyDrafted);
    expect(draft!.text).toContain('Payment pi_1 of 25.00 EUR was stopped on 28 November 2026');
    expect(draft!.sentences.flatMap(({ sources }) => sources).map(({ id }) => id)).toContain('payment:pi_1:blocked');
  });

  it('says of a payment the last that happened, with the amount that was known before', async () => {
    const world = new SupportWorld().tell(PaymentBlocked, blocked as never).tell(EffectConfirmed, refunded);
    await asked('Where is my refund?', { intent: 'refund_status', accountId: 'cus_1' }, world);
    const { text } = world.all(ReplyDrafted)[0]!;
    expect(text).toContain('A refund of 25.00 EUR of payment pi_1 was sent on 29 November 2026.');
    expect(text).not.toContain('was stopped');
  });

  it('is never that of another customer', async () => {
    const world = new SupportWorld().tell(PaymentBlocked, blocked as never);
    await asked('My payment failed, why?', { intent: 'payment_failed', accountId: 'cus_2' }, world);
    expect(world.all(ReplyDrafted)[0]!.text).not.toContain('pi_1');
  });

  it('is gone once the person is erased', async () => {
    const world = new SupportWorld().tell(PaymentBlocked, blocked as never);
    await asked(ORDER, { accountId: 'cus_1' }, world);
    const forgotten = (subject: string) => ({ ...world.events[0]!, type: SubjectForgotten.type, data: { subject } });
    expect(project(customers, world.events).size).toBe(1);
    expect(project(customers, [...world.events, forgotten(CUSTOMER)]).size).toBe(0);
    expect(project(accounts, [...world.events, forgotten('cus_1')]).size).toBe(0);
  });

  it('holds no text and no address', async () => {
    const world = await asked('Where is my order, I am Ada?', { accountId: 'cus_1' });
    const kept = JSON.stringify([...project(customers, world.events), world.case()]);
    expect(kept).not.toContain('Ada');
    expect(kept).not.toContain('ada@');
  });
});
