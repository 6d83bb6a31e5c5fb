import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { fourEyesLimits, type FourEyesLimits } from '@towpath/service-kit/reviews/four-eyes';
import { FraudService, message } from './fraud-service.fixture.js';
import { aCharge, DAY, MINUTE, NOON } from './payment-facts.fixture.js';
import { risky, captured, decided, resolve } from './fraud-messages.fixture.js';

describe('a held payment', () => {
  const held = (over: Parameters<typeof aCharge>[0] = {}): FraudService => new FraudService().group(risky(over));

  it('is captured when a person approves it', () => {
    const service = held().group(resolve('approve'));

    expect(service.names(3)).toEqual(['ReviewResolved', 'ReviewClosed', 'CapturePayment']);
    expect(service.all(ReviewResolved)[0]).toMatchObject({
      outcome: 'approved',
      actor: 'ada',
      reason: 'called the buyer',
    });
    expect(service.pass(30 * DAY).all(CancelPayment)).toHaveLength(0);
  });

  it('is cancelled, or refunded when captured, when a person rejects it', () => {
    expect(held().group(resolve('reject')).names(3)).toEqual(['ReviewResolved', 'ReviewClosed', 'CancelPayment']);
    expect(held({ captured: true }).group(resolve('reject')).all(RefundPayment)).toHaveLength(1);
  });

  it('is cancelled and recorded 1 h before its authorisation expires', () => {
    const service = held({ captureBefore: NOON + 2 * DAY }).pass(2 * DAY - 60 * MINUTE - 1);
    expect(service.names(3)).toEqual([]);

    service.pass(1);

    expect(service.names(3)).toEqual(['CancelPayment', 'ReviewResolved', 'ReviewClosed']);
    expect(service.all(ReviewResolved)[0]).toMatchObject({ outcome: 'expired', actor: null });
  });

  it('waits for a person without a deadline when its money was taken', () => {
    expect(
      held({ captured: true })
        .pass(30 * DAY)
        .names(3),
    ).toEqual([]);
    expect(
      held()
        .group(captured('pi_1'))
        .pass(30 * DAY)
        .all(CancelPayment),
    ).toHaveLength(0);
  });

  it('needs nobody any more when the provider cancelled it', () => {
    const canceled = message(PaymentCanceled, { paymentId: 'pi_1', reason: null, canceledAt: NOON });
    const service = held().group(canceled);

    expect(service.names(3)).toEqual(['FraudCaseUpdated', 'ReviewResolved', 'ReviewClosed']);
    expect(service.pass(30 * DAY).all(CancelPayment)).toHaveLength(0);
  });

  it.each([
    [
      'a second decision',
      (service: FraudService) => service.group(resolve('approve')).group(resolve('reject')),
      'REVIEW_NOT_OPEN',
    ],
    ['an unknown decision', (service: FraudService) => service.group(resolve('perhaps')), 'DECISION_UNKNOWN'],
    ['no reason', (service: FraudService) => service.group(resolve('approve', ' ')), 'REASON_MISSING'],
  ])('refuses %s', (_case, act, reason) => {
    expect(act(held()).all(DeadLettered)).toEqual([expect.objectContaining({ reason })]);
  });
});

describe('a review of a held payment', () => {
  const held = (limits?: FourEyesLimits): FraudService => new FraudService(undefined, limits).group(risky());
  const hashIn = (service: FraudService): string | null => service.all(ReviewRequested).at(-1)!.actionHash;

  it('is closed as stale and asked anew when the money was taken meanwhile, and then decided about that', () => {
    const service = held();
    const seen = hashIn(service);
    service.group(captured('pi_1')).group(decided({ decision: 'reject', actionHash: seen }));
    expect(service.all(RefundPayment)).toEqual([]);
    expect(service.all(ReviewClosed)).toMatchObject([{ outcome: 'stale', actor: 'ada' }]);
    expect(hashIn(service)).not.toBe(seen);

    service.group(decided({ decision: 'reject', actionHash: hashIn(service) }));

    expect(service.all(RefundPayment)).toHaveLength(1);
    expect(service.all(ReviewClosed)[1]).toMatchObject({ outcome: 'rejected' });
  });

  it('takes two different people above the limit, and one to reject', () => {
    const low = fourEyesLimits('*=1000');
    const service = held(low);
    const actionHash = hashIn(service);
    service.group(decided({ actionHash })).group(decided({ actionHash }));
    expect(service.all(CapturePayment)).toEqual([]);
    expect(service.all(DeadLettered)).toMatchObject([{ reason: 'FOUR_EYES' }]);

    service.group(decided({ actionHash, actor: 'bo' }));

    expect(service.all(CapturePayment)).toHaveLength(1);
    const alone = held(low);
    expect(alone.group(decided({ decision: 'reject', actionHash: hashIn(alone) })).all(CancelPayment)).toHaveLength(1);
  });

  it('takes no decision that names another subject than the reviewed one', () => {
    const service = held()
      .group(risky({ paymentId: 'pi_2' }))
      .group(decided({ subjectId: 'pi_2' }));

    expect(service.all(CapturePayment)).toEqual([]);
    expect(service.all(DeadLettered)).toMatchObject([{ reason: 'REVIEW_NOT_OPEN' }]);
  });

  it('leaves reviews of other services alone', () => {
    expect(
      held()
        .group(decided({ service: 'support' }))
        .names(3),
    ).toEqual([]);
  });
});
