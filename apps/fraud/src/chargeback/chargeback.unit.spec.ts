import { runAgent } from '@towpath/agents/testing/agent-kit';
import fc from 'fast-check';
import { chargebackAgent } from './chargeback.agent.js';
import { objectionsTo, proposeRefund, type Dispute, type PaymentView } from './chargeback.decider.js';

const dispute: Dispute = {
  ...{
    paymentId: 'pi_1',
    disputeId: 'dp_1',
    reason: 'fraudulent',
    amountMinor: 4_200,
    currency: 'EUR',
    openedAt: 2_000,
  },
};
const payment: PaymentView = {
  ...{ accountId: 'cus_1', chargedAt: 1_000, amountMinor: 4_200, currency: 'EUR', decision: 'approved' },
  ...{ captured: true, returned: false, withdrawn: false, orderId: null },
};
const agent = chargebackAgent({ read: () => Promise.resolve([]) });

function work(about: Partial<Dispute>, known: Partial<PaymentView> | null, ticketIds: string[] = []) {
  return runAgent(
    agent,
    { ...dispute, ...about },
    {
      tools: {
        'fraud.payment': () => known && { ...payment, ...known },
        'support.contacts': () => ({ ticketIds }),
      },
    },
  );
}

describe('the story of a chargeback', () => {
  it('goes over fraud, support and refund, and proposes to send back what is still ours', async () => {
    const { outcome, journal } = await work({}, {});
    expect(outcome).toMatchObject({
      status: 'decided',
      decidedBy: 'analyst',
      decision: { action: 'refund', refundMinor: 4_200, accountId: 'cus_1', evidence: { tickets: [] } },
    });
    expect(journal.steps).toEqual(['payment#1/fraud.payment#1', 'contacts#1/support.contacts#1']);
  });

  it('sends back nothing that the provider has taken already', async () => {
    const { outcome } = await work({}, { withdrawn: true });
    expect(outcome).toMatchObject({ decision: { action: 'accept', refundMinor: 0 } });
  });

  it('never proposes more than was taken', async () => {
    const { outcome } = await work({ amountMinor: 9_900 }, {});
    expect(outcome).toMatchObject({ decision: { action: 'refund', refundMinor: 4_200 } });
  });

  it.each<[string, Partial<Dispute>, Partial<PaymentView>, string[]]>([
    ['the customer had asked support about it', {}, {}, ['zendesk:acme:7']],
    ['the money had gone back', {}, { returned: true }, []],
    ['it is no fraud', { reason: 'product_not_received' }, {}, []],
  ])('is contested when %s', async (_, about, known, tickets) => {
    expect((await work(about, known, tickets)).outcome).toMatchObject({
      decision: { action: 'contest', refundMinor: 0 },
    });
  });

  it('of a payment that nobody knows is planned anew once, then a person has to look', async () => {
    const { outcome } = await work({}, null);
    expect(outcome).toMatchObject({
      status: 'needs_human',
      escalation: { code: 'PLAN_STALLED' },
      reasons: ['PLAN_RESET'],
    });
    expect(outcome.toolCalls).toBe(2);
  });

  it('goes on by itself when the payment becomes known meanwhile', async () => {
    const known = [null, payment];
    const tools = { 'fraud.payment': () => known.shift(), 'support.contacts': () => ({ ticketIds: [] }) };
    const { outcome } = await runAgent(agent, dispute, { tools });
    expect(outcome).toMatchObject({ status: 'decided', decision: { action: 'refund' }, reasons: ['PLAN_RESET'] });
  });
});

it('lets no refund pass its checker that would lose money, and comes to an end for any payment', () => {
  const amounts = fc.integer({ min: 0, max: 1_000_000 });
  const payments = fc.record({
    ...{ amountMinor: amounts, currency: fc.constantFrom('EUR', 'USD') },
    ...{ captured: fc.boolean(), returned: fc.boolean(), withdrawn: fc.boolean() },
  });
  fc.assert(
    fc.property(amounts, payments, (amountMinor, about) => {
      const [of, taken] = [
        { ...dispute, amountMinor },
        { ...payment, ...about },
      ];
      const first = proposeRefund(of, taken, []);
      const second = proposeRefund(of, taken, objectionsTo(first, of, taken));
      const settled = objectionsTo(first, of, taken).length === 0 ? first : second;
      expect(objectionsTo(settled, of, taken)).toEqual([]);
      if (settled.refundMinor > 0) {
        expect(taken).toMatchObject({ captured: true, returned: false, withdrawn: false, currency: 'EUR' });
        expect(settled.refundMinor).toBeLessThanOrEqual(Math.min(amountMinor, taken.amountMinor));
      }
    }),
  );
});
