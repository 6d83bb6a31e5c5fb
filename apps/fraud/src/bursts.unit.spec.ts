import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import { UnfreezeAccount } from '@towpath/contracts/fraud/UnfreezeAccount.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { HoldPayouts } from '@towpath/contracts/payments/HoldPayouts.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { ReleasePayouts } from '@towpath/contracts/payments/ReleasePayouts.v1';
import { ResumeCaptures } from '@towpath/contracts/payments/ResumeCaptures.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { FraudService, message, type Inbound } from './fraud-service.fixture.js';
import { DAY, NOON } from './payment-facts.fixture.js';
import { charge, bare, burst, captured, confirmed } from './fraud-messages.fixture.js';

describe('a rapid-fire burst', () => {
  it('is approved, then held, then blocked, and freezes the account before its authorisations are cancelled', () => {
    const service = new FraudService().group(...burst(9, { connectedAccountId: 'acct_1' })).pass(0);

    expect(service.all(PaymentApproved).map(({ paymentId }) => paymentId)).toEqual(['pi_0', 'pi_1', 'pi_2']);
    expect(service.all(PaymentHeldForReview).map(({ paymentId }) => paymentId)).toEqual(['pi_3', 'pi_4', 'pi_5']);
    expect(service.all(PaymentBlocked).map(({ decidedBy }) => decidedBy)).toEqual([
      'rules',
      'account-frozen',
      'account-frozen',
    ]);
    expect(service.all(PaymentBlocked)[1]).toMatchObject({ score: 0, signals: [] });
    expect(service.all(AccountFrozen)).toEqual([
      expect.objectContaining({
        paymentId: 'pi_6',
        canceledPayments: ['pi_0', 'pi_1', 'pi_2', 'pi_3', 'pi_4', 'pi_5'],
        payoutsHeld: true,
      }),
    ]);
    const names = service.names();
    expect(names.indexOf('HaltCaptures')).toBeLessThan(names.indexOf('CancelPayment'));
    const canceled = service.all(CancelPayment).map(({ paymentId }) => paymentId);
    expect([...canceled].sort()).toEqual(burst(9).map(({ data }) => (data as ChargeSucceeded).paymentId));
    expect(service.all(HaltCaptures)).toHaveLength(1);
    expect(service.all(HoldPayouts)).toHaveLength(1);
  });

  it('closes the reviews of the held payments, and leaves one of the account', () => {
    const service = new FraudService().group(...burst(7));
    service.group(...service.all(CancelPayment).map(({ paymentId }) => confirmed(CancelPayment.type, paymentId)));
    service.pass(30 * DAY);

    const closed = service.all(ReviewClosed).map(({ reviewId }) => reviewId);
    const open = service.all(ReviewRequested).filter(({ reviewId }) => !closed.includes(reviewId));
    expect(open).toEqual([expect.objectContaining({ subjectType: 'account', subjectId: 'cus_1' })]);
    expect(service.all(ReviewResolved).map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(service.all(CancelPayment)).toHaveLength(7);
  });

  it('leaves money alone that was taken before the freeze', () => {
    const service = new FraudService().group(...burst(3)).group(confirmed(CapturePayment.type, 'pi_0'));
    service.group(...burst(7).slice(3)).pass(0);

    const canceled = service.all(CancelPayment).map(({ paymentId }) => paymentId);
    expect(canceled).not.toContain('pi_0');
    expect(canceled).toHaveLength(6);
    expect(service.all(AccountFrozen)[0]!.canceledPayments).toEqual(['pi_1', 'pi_2', 'pi_3', 'pi_4', 'pi_5']);
  });

  it('names and cancels at the freeze only what is really open, right after captures are halted', () => {
    const canceled = message(PaymentCanceled, { paymentId: 'pi_1', reason: null, canceledAt: NOON });
    const canceledBefore = message(PaymentCanceled, { paymentId: 'pi_2', reason: null, canceledAt: NOON });
    const service = new FraudService().group(canceledBefore, ...burst(3)).group(captured('pi_0'), canceled);
    const from = service.names().length;
    service.group(...burst(7).slice(3));

    expect(service.all(AccountFrozen)[0]!.canceledPayments).toEqual(['pi_3', 'pi_4', 'pi_5']);
    const names = service.names(from);
    expect(names.slice(names.indexOf('AccountFrozen'))).toEqual([
      ...['AccountFrozen', 'HaltCaptures', 'CancelPayment', 'CancelPayment', 'CancelPayment', 'CancelPayment'],
      'ReviewRequested',
    ]);
  });

  it('blocks one that still waited for context, with one cancellation', () => {
    const waiting = charge({ ...bare, paymentId: 'pi_late', chargedAt: NOON - DAY });
    const service = new FraudService()
      .group(waiting)
      .group(...burst(7))
      .pass(5_000);

    expect(service.all(PaymentBlocked)).toContainEqual(
      expect.objectContaining({ paymentId: 'pi_late', decidedBy: 'account-frozen' }),
    );
    expect(service.all(CancelPayment).filter(({ paymentId }) => paymentId === 'pi_late')).toHaveLength(1);
  });

  it('blocks later payments until a person lifts the freeze', () => {
    const later = (paymentId: string, days: number): Inbound =>
      charge({ ...bare, paymentId, chargedAt: NOON + days * DAY });
    const service = new FraudService().group(...burst(7, { connectedAccountId: 'acct_1' })).pass(0);
    service.group(later('pi_later', 1));
    expect(service.all(PaymentBlocked).at(-1)).toMatchObject({ paymentId: 'pi_later', decidedBy: 'account-frozen' });

    const from = service.names().length;
    service.group(message(UnfreezeAccount, { accountId: 'cus_1', actor: 'ada', reason: 'it was a sale' }));
    expect(service.names(from)).toEqual(['AccountUnfrozen', 'ResumeCaptures', 'ReleasePayouts', 'ReviewClosed']);
    expect(service.all(AccountUnfrozen)[0]).toMatchObject({ actor: 'ada', reason: 'it was a sale' });
    expect(service.all(ReleasePayouts)[0]).toMatchObject({ connectedAccountId: 'acct_1' });
    expect(service.all(ResumeCaptures)).toHaveLength(1);

    service.group(charge({ paymentId: 'pi_after', chargedAt: NOON + 2 * DAY }));
    expect(service.all(PaymentApproved).at(-1)).toMatchObject({ paymentId: 'pi_after' });
  });

  it('by guests of one card blocks them without an account to freeze', () => {
    const guests = burst(8).map((_, index) => {
      const paymentId = `pi_${index}`;
      const facts = {
        accountId: `guest_${paymentId}`,
        customerId: null,
        ipHash: `ip_${index}`,
        customerCreatedAt: null,
      };
      return charge({ paymentId, ...facts, chargedAt: NOON + index * 1_000 });
    });
    const service = new FraudService().group(...guests).pass(0);

    expect(service.all(PaymentBlocked)).toHaveLength(2);
    expect(service.all(AccountFrozen)).toHaveLength(0);
  });

  it('refuses to lift a freeze that is not there, or without a reason', () => {
    const lift = (reason: string): Inbound => message(UnfreezeAccount, { accountId: 'cus_1', actor: 'ada', reason });

    expect(new FraudService().group(lift('why not')).all(DeadLettered)[0]).toMatchObject({
      reason: 'ACCOUNT_NOT_FROZEN',
    });
    expect(
      new FraudService()
        .group(...burst(7))
        .group(lift(''))
        .all(DeadLettered)[0],
    ).toMatchObject({ reason: 'REASON_MISSING' });
  });
});

describe('failed attempts', () => {
  const failed = (index: number, over: object = {}): Inbound =>
    message(PaymentFailed, {
      ...{ paymentId: 'pi_1', chargeId: `ch_failed_${index}`, accountId: 'cus_1', amountMinor: 1, currency: 'EUR' },
      ...{ declineCode: null, failureCode: null, failureMessage: null, failedAt: NOON - 60_000 + index * 1_000 },
      ...{ cardFingerprint: 'card_1', ipHash: 'ip_1', email: null, invoiceId: null },
      ...over,
    });

  it('on a card count as earlier payments of it, each once however many events tell of it', () => {
    const attempts = [0, 1, 2].map((index) => failed(index));
    const service = new FraudService().group(...attempts, ...[0, 1, 2].map((index) => failed(index)));

    const velocity = service.group(charge()).all(PaymentHeldForReview)[0]!.signals;
    expect(velocity).toContainEqual(expect.objectContaining({ name: 'velocity-card', value: '3' }));
  });

  it('with many cards from one address show on the address', () => {
    const attempts = [0, 1, 2, 3].map((index) => failed(index, { cardFingerprint: `card_stolen_${index}` }));
    const service = new FraudService().group(...attempts).group(charge());

    const signals = service.all(PaymentHeldForReview)[0]!.signals;
    expect(signals).toContainEqual(expect.objectContaining({ name: 'ip-cards', value: '5' }));
  });
});
