import { runAgent } from '@towpath/agents/testing/agent-kit';
import { ChargebackDecided } from '@towpath/contracts/fraud/ChargebackDecided.v1';
import { PurchaseCompleted } from '@towpath/contracts/orders/PurchaseCompleted.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { DisputeFundsWithdrawn } from '@towpath/contracts/payments/DisputeFundsWithdrawn.v1';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import { PurchaseNoted } from '@towpath/contracts/fraud/PurchaseNoted.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { FraudService, message } from '../fraud-service.fixture.js';
import { aCharge, DAY, NOON } from '../payment-facts.fixture.js';
import { chargebackAgent } from './chargeback.agent.js';

const DISPUTED_AT = NOON + 10 * DAY;
const dispute = {
  ...{ paymentId: 'pi_1', chargeId: 'ch_pi_1', disputeId: 'dp_1', amountMinor: 4_200, currency: 'EUR' },
  ...{ reason: 'fraudulent', openedAt: DISPUTED_AT },
};
const ticket = {
  ...{ ticketId: 'zendesk:acme:7', messageId: '1', channel: 'zendesk', source: 'zendesk', customerId: 'contact_1' },
  ...{ customerEmail: null, accountId: 'cus_1', subject: 'hi', body: 'where is it?', authorKind: 'customer' },
  ...{ internal: false, authorVerified: null, tags: [], vip: false, providerMessageId: null, sentAt: NOON + DAY },
};

const purchase = {
  ...{ orderId: 'order_1', customerId: 'contact_1', accountId: 'cus_1', email: 'ada@example.com', name: 'Ada' },
  ...{ lines: [], itemsText: '1 × Mug', amountMinor: 4_200, currency: 'EUR', paymentId: 'pi_1' },
  ...{ placedAt: NOON, completedAt: NOON + 1 },
};
/** Paid by other means. */
const cash = { ...purchase, orderId: 'order_2', paymentId: null };

/** Lets the dispute come due, and its agent work on what the service has stored. */
async function worked(service: FraudService, reason = dispute.reason): Promise<FraudService> {
  service.group(message(DisputeOpened, { ...dispute, reason })).pass(10_000);
  const read = (stream: string) => Promise.resolve(service.events().filter((event) => event.stream === stream));
  const { chargeId: _charge, ...input } = dispute;
  const { outcome } = await runAgent(chargebackAgent({ read }), { ...input, reason });
  return service.answer(outcome);
}
const decide = (decision: string, actionHash: string | null) =>
  message(DecideReview, {
    ...{ reviewId: 'chargeback-review_dp_1', service: 'fraud', subjectType: 'chargeback', subjectId: 'pi_1' },
    ...{ decision, reasonCode: 'ok', reason: 'it was fraud', personId: '', edited: null, actionHash },
    ...{ actor: 'ada', role: 'fraud-analyst' },
  });

describe('a dispute', () => {
  it('becomes a refund that a person has to approve, and then a command', async () => {
    const service = await worked(new FraudService().group(message(ChargeSucceeded, aCharge({ captured: true }))));
    expect(service.all(ChargebackDecided)).toEqual([
      expect.objectContaining({ action: 'refund', refundMinor: 4_200, decidedBy: 'analyst' }),
    ]);
    expect(service.all(RefundPayment)).toEqual([]);
    const [review] = service.all(ReviewRequested);
    expect(review).toMatchObject({
      action: 'RefundPayment',
      agent: 'chargeback',
      amountMinor: 4_200,
      subjectId: 'pi_1',
    });
    service.group(decide('approve', review!.actionHash));
    expect(service.all(RefundPayment)).toEqual([expect.objectContaining({ paymentId: 'pi_1', amountMinor: 4_200 })]);
    expect(service.all(ReviewClosed)).toEqual([expect.objectContaining({ outcome: 'approved', actor: 'ada' })]);
  });

  it('moves no money when a person says no', async () => {
    const service = await worked(new FraudService().group(message(ChargeSucceeded, aCharge({ captured: true }))));
    service.group(decide('reject', service.all(ReviewRequested)[0]!.actionHash));
    expect(service.all(RefundPayment)).toEqual([]);
  });

  it('asks nobody when the provider took the money and nothing speaks for us', async () => {
    const withdrawn = {
      paymentId: 'pi_1',
      chargeId: 'ch_pi_1',
      disputeId: 'dp_1',
      amountMinor: 4_200,
      currency: 'EUR',
    };
    const service = new FraudService().group(
      message(ChargeSucceeded, aCharge({ captured: true })),
      message(DisputeFundsWithdrawn, { ...withdrawn, withdrawnAt: DISPUTED_AT }),
    );
    await worked(service);
    expect(service.all(ChargebackDecided)).toEqual([expect.objectContaining({ action: 'accept' })]);
    expect(service.all(ReviewRequested)).toEqual([]);
  });

  it('of a customer who had written to support is contested with the ticket as evidence', async () => {
    const charge = message(ChargeSucceeded, aCharge({ captured: true }));
    const service = await worked(new FraudService().group(charge, message(TicketReceived, ticket)));
    expect(service.all(ChargebackDecided)[0]).toMatchObject({ action: 'contest', refundMinor: 0 });
    expect(service.all(ReviewRequested)[0]).toMatchObject({ action: 'AnswerDispute' });
    expect(service.all(ReviewRequested)[0]!.evidence).toContain('zendesk:acme:7');
  });

  it('of a payment whose order was fulfilled says so to whoever answers it', async () => {
    const charge = message(ChargeSucceeded, aCharge({ captured: true }));
    const service = new FraudService().group(
      charge,
      message(PurchaseCompleted, purchase),
      message(PurchaseCompleted, cash),
    );
    await worked(service, 'product_not_received');
    expect(service.all(PurchaseNoted)).toHaveLength(1);
    const [review] = service.all(ReviewRequested);
    expect(review).toMatchObject({ action: 'AnswerDispute' });
    expect(review!.reason).toBe('product_not_received and yet order order_1 was sent and confirmed');
    expect(review!.evidence).toContain('order_1');
  });

  it('of a payment that never came is a question to a person, with what was tried', async () => {
    const service = await worked(new FraudService());
    expect(service.all(ChargebackDecided)[0]).toMatchObject({ action: 'needs_human' });
    expect(service.all(ChargebackDecided)[0]!.reasons).toContain('PLAN_STALLED');
    expect(service.all(ReviewRequested)[0]!.evidence).toContain('the charge of the payment is not known');
  });
});
