import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import { PaymentContextUnavailable } from '@towpath/contracts/egress/PaymentContextUnavailable.v1';
import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import { UnfreezeAccount } from '@towpath/contracts/fraud/UnfreezeAccount.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import { FetchPaymentContext } from '@towpath/contracts/payments/FetchPaymentContext.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { HoldPayouts } from '@towpath/contracts/payments/HoldPayouts.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { ReleasePayouts } from '@towpath/contracts/payments/ReleasePayouts.v1';
import { ResumeCaptures } from '@towpath/contracts/payments/ResumeCaptures.v1';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { Projection } from '@towpath/event-store/projection';
import { project } from '@towpath/event-store/projection';
import { fourEyesLimits, type FourEyesLimits } from '@towpath/service-kit/reviews/four-eyes';
import { FraudService, message, type Inbound } from './fraud-service.fixture.js';
import { projections } from './fraud.module.js';
import { merchants } from './profiles/merchants.projection.js';
import { aCharge, DAY, MINUTE, NOON } from './payment-facts.fixture.js';

const charge = (over: Parameters<typeof aCharge>[0] = {}): Inbound => message(ChargeSucceeded, aCharge(over));
/** Held by the rules: the provider's highest risk. */
const risky = (over: Parameters<typeof aCharge>[0] = {}): Inbound => charge({ riskLevel: 'highest', ...over });
/** Blocked by the rules. */
const hopeless = (over: Parameters<typeof aCharge>[0] = {}): Inbound =>
  risky({ billingCountry: 'FR', shippingCountry: 'NG', ...over });
const bare = { ipHash: null, deviceHash: null, riskLevel: null, customerCreatedAt: null };
const burst = (count: number, over: Parameters<typeof aCharge>[0] = {}): Inbound[] =>
  Array.from({ length: count }, (_, index) =>
    charge({ paymentId: `pi_${index}`, chargedAt: NOON + index * 1_000, ...over }),
  );
const captured = (paymentId: string): Inbound =>
  message(PaymentCaptured, {
    ...{ paymentId, chargeId: null, amountMinor: 4_200, currency: 'EUR', capturedAt: NOON },
    recoversPaymentId: null,
  });
const confirmed = (action: string, paymentId: string): Inbound =>
  message(EffectConfirmed, {
    ...{ effectId: `effect_${paymentId}`, action, provider: 'stripe', subjectId: paymentId, accountId: 'cus_1' },
    ...{
      idempotencyKey: 'key',
      commandId: null,
      providerReference: 'ref',
      attempts: 1,
      confirmedAt: NOON,
      dryRun: false,
    },
  });
const decided = (over: Partial<DecideReview>): Inbound =>
  message(DecideReview, {
    ...{ reviewId: 'payment-review_pi_1', service: 'fraud', subjectType: 'payment', subjectId: 'pi_1' },
    ...{ decision: 'approve', reasonCode: 'known-customer', reason: 'called the buyer', personId: '' },
    ...{ edited: null, actionHash: null, actor: 'ada', role: 'fraud-analyst', ...over },
  });
const resolve = (decision: string, reason = 'called the buyer'): Inbound => decided({ decision, reason });

describe('a payment', () => {
  it('is approved and captured when nothing speaks against it', () => {
    const service = new FraudService().group(charge());

    expect(service.names()).toEqual(['FraudCaseOpened', 'PaymentApproved', 'CapturePayment']);
    expect(service.all(PaymentApproved)[0]).toMatchObject({
      paymentId: 'pi_1',
      score: 0,
      decidedBy: 'analyst',
      decidedAt: NOON,
    });
    expect(service.all(CapturePayment)[0]).toMatchObject({
      paymentId: 'pi_1',
      accountId: 'cus_1',
      chargeId: 'ch_pi_1',
    });
  });

  it('is approved without a money effect when its money was taken already', () => {
    expect(new FraudService().group(charge({ captured: true })).names()).toEqual([
      'FraudCaseOpened',
      'PaymentApproved',
    ]);
  });

  it('is held without a money effect, with one open review and a deadline', () => {
    const service = new FraudService().group(risky());

    expect(service.names()).toEqual(['FraudCaseOpened', 'PaymentHeldForReview', 'ReviewRequested']);
    const expiresAt = NOON + 7 * DAY - 60 * MINUTE;
    expect(service.all(PaymentHeldForReview)[0]).toMatchObject({ expiresAt });
    expect(service.all(ReviewRequested)[0]).toMatchObject({
      subjectType: 'payment',
      subjectId: 'pi_1',
      dueAt: expiresAt,
    });
  });

  it.each([
    [false, 'cancel', CancelPayment, RefundPayment],
    [true, 'refund', RefundPayment, CancelPayment],
  ])('is blocked: captured %s → %s', (isCaptured, remedy, expected, other) => {
    const service = new FraudService().group(hopeless({ captured: isCaptured }));

    expect(service.all(PaymentBlocked)[0]).toMatchObject({ remedy });
    expect(service.all(expected)).toHaveLength(1);
    expect(service.all(other)).toHaveLength(0);
  });

  it('that was captured before its charge came is refunded when blocked', () => {
    const service = new FraudService().group(captured('pi_1')).group(hopeless());

    expect(service.all(RefundPayment)).toHaveLength(1);
    expect(service.all(CancelPayment)).toHaveLength(0);
  });

  it('that was captured behind a refusal is refunded once', () => {
    const service = new FraudService().group(hopeless()).group(captured('pi_1'), captured('pi_1'));

    expect(service.all(RefundPayment)).toHaveLength(1);
  });

  it('that was cancelled before its charge came has no money to move', () => {
    const canceled = message(PaymentCanceled, { paymentId: 'pi_1', reason: null, canceledAt: NOON });
    const service = new FraudService().group(canceled, charge());

    expect(service.all(PaymentApproved)).toHaveLength(1);
    expect(service.all(CapturePayment)).toHaveLength(0);
  });

  it('is decided once, whatever else comes, in any order', () => {
    const failed = { paymentId: 'pi_1', chargeId: null, accountId: 'cus_1', amountMinor: 1, currency: 'EUR' };
    const nothing = { declineCode: null, failureCode: null, failureMessage: null, cardFingerprint: null, ipHash: null };
    const others = [
      message(PaymentFailed, { ...failed, ...nothing, failedAt: NOON, email: null, invoiceId: null }),
      captured('pi_1'),
      charge({ captured: true }),
      charge(),
      confirmed(CapturePayment.type, 'pi_1'),
    ];
    const orders = others.map((_, turn) => [...others.slice(turn), ...others.slice(0, turn)]);
    const services = orders.flatMap((order) => {
      const grouped = new FraudService().group(...order, ...order);
      const single = new FraudService();
      for (const one of [...order, ...order]) single.group(one);
      return [grouped.pass(30 * DAY), single.pass(30 * DAY)];
    });

    for (const service of services) {
      expect(service.all(PaymentApproved)).toHaveLength(1);
      expect(service.all(CapturePayment).length).toBeLessThanOrEqual(1);
    }
  });
});

describe('a payment that lacks context', () => {
  const known = { knownCardFingerprint: 'card_1', knownIpHash: null, knownMerchantId: 'shop_1' };
  const context = (over = {}): Inbound =>
    message(PaymentContextFetched, {
      ...{
        paymentId: 'pi_1',
        accountId: 'cus_1',
        ip: null,
        ipHash: 'ip_9',
        deviceHash: 'device_9',
        riskLevel: 'normal',
      },
      ...known,
      ...{
        cardCountry: null,
        merchantId: null,
        customerCreatedAt: NOON - 90 * DAY,
        providerReviewOpen: false,
        fetchedAt: NOON,
      },
      ...over,
    });

  it('is asked for, and decided as soon as the answer is there', () => {
    const service = new FraudService().group(charge(bare)).pass(100);
    expect(service.names()).toEqual(['FraudCaseOpened', 'FetchPaymentContext']);
    expect(service.all(FetchPaymentContext)[0]!.wanted).toEqual(Object.keys(bare));

    service.group(context({ riskLevel: 'highest' }));

    expect(service.names(2)).toEqual(['FraudCaseEnriched', 'PaymentHeldForReview', 'ReviewRequested']);
    expect(service.all(PaymentHeldForReview)[0]).toMatchObject({
      missing: ['amount-vs-history'],
      decidedAt: NOON + 100,
    });
    service.pass(5_000);
    expect(service.all(PaymentHeldForReview)).toHaveLength(1);
  });

  it('is decided without it after 800 ms, saying what was missing', () => {
    const service = new FraudService().group(charge(bare)).pass(799);
    expect(service.all(PaymentApproved)).toHaveLength(0);

    service.pass(1);

    expect(service.all(PaymentApproved)[0]!.missing).toEqual(
      expect.arrayContaining(['velocity-ip', 'ip-cards', 'device', 'customer-age', 'provider-risk']),
    );
    expect(service.group(context()).pass(5_000).all(PaymentApproved)).toHaveLength(1);
  });

  it('is decided at once when the provider can not be asked', () => {
    const { paymentId, accountId } = aCharge();
    const gone = message(PaymentContextUnavailable, {
      ...{ paymentId, accountId, ...known, code: 'X', detail: 'x', failedAt: NOON },
    });

    expect(new FraudService().group(charge(bare)).pass(50).group(gone).pass(0).all(PaymentApproved)).toHaveLength(1);
  });

  it('teaches later payments the address, device and shop that only the provider knew', () => {
    const service = new FraudService().group(charge({ ...bare, merchantId: null }));
    service.group(context({ merchantId: 'shop_9', knownMerchantId: null }));
    const fetched = { ipHash: 'ip_9', deviceHash: 'device_9', merchantId: 'shop_9', cardFingerprint: 'card_2' };
    service.group(charge({ ...fetched, paymentId: 'pi_2', chargedAt: NOON + 1_000 }));

    const signals = service.all(PaymentApproved).find(({ paymentId }) => paymentId === 'pi_2')!.signals;
    const value = (name: string): string => signals.find((one) => one.name === name)!.value;
    expect([value('velocity-ip'), value('ip-cards'), value('device')]).toEqual(['1', '2', 'known']);
    expect([...service.rowsOf(merchants).keys()]).toEqual(['shop_9']);
  });

  it('gets one decision when answer and deadline meet', () => {
    const service = new FraudService().group(charge(bare));
    service.now += 800;
    service.group(context(), context()).pass(0);

    expect(service.all(PaymentApproved)).toHaveLength(1);
    expect(service.all(CapturePayment)).toHaveLength(1);
  });
});

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

describe('a dispute', () => {
  const dispute = (disputeId: string, reason = 'fraudulent'): Inbound =>
    message(DisputeOpened, {
      ...{ paymentId: 'pi_1', chargeId: 'ch_pi_1', disputeId, amountMinor: 4_200, currency: 'EUR', reason },
      openedAt: NOON + 9 * DAY,
    });

  it('for fraud confirms it once, with what had been decided', () => {
    const service = new FraudService().group(charge()).group(dispute('dp_1'), dispute('dp_2'));

    expect(service.all(FraudConfirmed)).toEqual([
      expect.objectContaining({ disputeId: 'dp_1', decision: 'approved', merchantId: 'shop_1', chargedAt: NOON }),
    ]);
  });

  it('for fraud that came before its charge confirms it when the case opens, once', () => {
    const service = new FraudService().group(dispute('dp_0', 'duplicate'), dispute('dp_1')).group(dispute('dp_2'));
    expect(service.all(FraudConfirmed)).toHaveLength(0);

    service.group(charge({ captured: true }), dispute('dp_3'));

    expect(service.all(FraudConfirmed)).toEqual([
      expect.objectContaining({
        disputeId: 'dp_1',
        decision: 'none',
        confirmedAt: NOON + 9 * DAY,
        merchantId: 'shop_1',
      }),
    ]);
    expect(service.all(PaymentApproved)).toHaveLength(1);
  });

  it('for another reason confirms nothing', () => {
    expect(new FraudService().group(charge()).group(dispute('dp_1', 'duplicate')).all(FraudConfirmed)).toHaveLength(0);
  });
});

describe('projections', () => {
  it('equal a replay of the events', () => {
    const service = new FraudService().group(...burst(9, { connectedAccountId: 'acct_1' })).pass(0);
    service.group(
      hopeless({ paymentId: 'pi_x', accountId: 'cus_2' }),
      risky({ paymentId: 'pi_y', accountId: 'cus_3' }),
    );

    for (const one of projections as readonly Projection<unknown>[]) {
      const replayed = JSON.parse(JSON.stringify([...project(one, service.events())])) as unknown;
      expect([...service.rowsOf(one)].sort()).toEqual((replayed as [string, unknown][]).sort());
    }
  });
});
