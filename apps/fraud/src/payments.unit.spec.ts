import { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import { PaymentContextUnavailable } from '@towpath/contracts/egress/PaymentContextUnavailable.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { FetchPaymentContext } from '@towpath/contracts/payments/FetchPaymentContext.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { FraudService, message, type Inbound } from './fraud-service.fixture.js';
import { merchants } from './profiles/merchants.projection.js';
import { aCharge, DAY, MINUTE, NOON } from './payment-facts.fixture.js';
import { charge, risky, hopeless, bare, captured, confirmed } from './fraud-messages.fixture.js';

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
