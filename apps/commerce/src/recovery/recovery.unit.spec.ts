import fc from 'fast-check';
import { PauseSubscription } from '@towpath/contracts/billing/PauseSubscription.v1';
import { ResumeSubscription } from '@towpath/contracts/billing/ResumeSubscription.v1';
import { RetryInvoice } from '@towpath/contracts/billing/RetryInvoice.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PostNotice } from '@towpath/contracts/notices/PostNotice.v1';
import { InvoicePaid } from '@towpath/contracts/payments/InvoicePaid.v1';
import { InvoicePaymentFailed } from '@towpath/contracts/payments/InvoicePaymentFailed.v1';
import { OfferAlternativePayment } from '@towpath/contracts/payments/OfferAlternativePayment.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { RecoveryFlowDeclined } from '@towpath/contracts/payments/RecoveryFlowDeclined.v1';
import { RecoveryFlowEnded } from '@towpath/contracts/payments/RecoveryFlowEnded.v1';
import { RecoveryFlowInitiated } from '@towpath/contracts/payments/RecoveryFlowInitiated.v1';
import { StopRecovery } from '@towpath/contracts/payments/StopRecovery.v1';
import { SubscriptionChanged } from '@towpath/contracts/payments/SubscriptionChanged.v1';
import { aDecline, anOffer, DAY, HOUR, NOON, RecoveryWorld } from './recovery-world.fixture.js';

const YEAR = 366 * DAY;
const failedInvoice = (over: Partial<InvoicePaymentFailed> = {}): InvoicePaymentFailed => ({
  ...{ paymentId: 'pi_1', invoiceId: 'in_1', subscriptionId: 'sub_1', accountId: 'U9921', amountMinor: 4_999 },
  ...{ currency: 'USD', attempts: 1, nextAttemptAt: null, email: 'ada@example.com' },
  ...{ payUrl: 'https://invoice.example/in_1', failedAt: NOON },
  ...over,
});
const captured = (over: Partial<PaymentCaptured> = {}): PaymentCaptured => ({
  ...{
    paymentId: 'pi_1',
    chargeId: null,
    amountMinor: 4_999,
    currency: 'USD',
    capturedAt: NOON,
    recoversPaymentId: null,
  },
  ...over,
});

/** Declined, and its subscription's invoice with it. */
function begun(declineCode = 'insufficient_funds', over: Partial<InvoicePaymentFailed> = {}): RecoveryWorld {
  return new RecoveryWorld()
    .hear(PaymentFailed, aDecline({ declineCode }))
    .hear(InvoicePaymentFailed, failedInvoice(over))
    .hear(OfferAlternativePayment, anOffer({ declineCode, invoiceId: 'in_1' }));
}

describe('a recovery', () => {
  it('begins with a letter that offers other ways to pay and never tells what the issuer said', () => {
    const world = new RecoveryWorld().hear(OfferAlternativePayment, anOffer());
    expect(world.names()).toEqual(['RecoveryFlowInitiated', 'SendMail']);
    expect(world.all(RecoveryFlowInitiated)).toMatchObject([
      {
        ...{ paymentId: 'pi_1', accountId: 'U9921', amountMinor: 4_999, declineCode: 'insufficient_funds' },
        ...{ declineClass: 'funds', alternatives: ['another_card', 'bank_debit', 'instalments'], notified: 'mail' },
      },
    ]);
    const [mail] = world.all(SendMail);
    expect(mail).toMatchObject({ to: 'ada@example.com', recipientId: 'U9921' });
    expect(mail!.subject).toBe('Your payment of $49.99 did not go through');
    expect(mail!.text).toContain('Pay by bank transfer or direct debit.');
    expect(mail!.text).toContain('https://pay.towpath.example/payments/pi_1');
    expect(mail!.text).not.toMatch(/insufficient|funds|declined/i);
  });

  it.each([
    ['insufficient_funds', [24, 72, 120, 192], [0, 72, 192, 240], 240],
    ['expired_card', [], [0, 24, 72, 168, 192], 192],
    ['do_not_honor', [24, 96], [0, 48, 168, 216], 216],
    ['authentication_required', [], [0, 24, 72, 144, 168], 168],
    ['issuer_not_available', [1, 6, 24, 72], [0, 96, 240], 240],
    ['stolen_card', [], [0, 48, 120, 144], 144],
    ['a_code_of_tomorrow', [24, 96], [0, 48, 168, 216], 216],
  ])('of %s tries the invoice, writes and pauses by its own schedule', (code, retries, letters, pause) => {
    const world = begun(code).pass(YEAR);
    expect(world.hours(RetryInvoice)).toEqual(retries);
    expect(world.hours(SendMail)).toEqual(letters);
    expect(world.hours(PauseSubscription)).toEqual([pause]);
  });

  it('gives up after thirty days, tells the people of the team, and leaves the subscription paused', () => {
    const world = begun().pass(YEAR);
    expect(world.hours(RecoveryFlowEnded)).toEqual([30 * 24]);
    expect(world.all(RecoveryFlowEnded)).toMatchObject([
      { outcome: 'given_up', retries: 4, reminders: 2, paused: true, subscriptionId: 'sub_1' },
    ]);
    expect(world.all(PostNotice)).toMatchObject([{ noticeId: 'recovery-pi_1-given-up' }]);
    expect(world.all(PostNotice)[0]!.text).not.toContain('ada');
    expect(world.all(ResumeSubscription)).toEqual([]);
  });

  it('stops at once when the customer pays, whenever that is, and lets a paused subscription go on', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 30 * 24 - 1 }),
        fc.constantFrom('intent', 'invoice', 'other'),
        (hour, how) => {
          const world = begun().pass(hour * HOUR);
          const paused = world.all(PauseSubscription).length;
          if (how === 'intent') world.hear(PaymentCaptured, captured());
          else if (how === 'other')
            world.hear(PaymentCaptured, captured({ paymentId: 'pi_2', recoversPaymentId: 'pi_1' }));
          else {
            const invoice = { paymentId: 'pi_1', invoiceId: 'in_1', subscriptionId: 'sub_1', accountId: 'U9921' };
            world.hear(InvoicePaid, { ...invoice, amountMinor: 4_999, currency: 'USD', paidAt: world.now });
          }
          const before = world.names().length;
          expect(world.all(RecoveryFlowEnded)).toMatchObject([{ outcome: 'recovered', paused: false }]);
          expect(world.all(ResumeSubscription)).toHaveLength(paused);
          world
            .hear(PaymentCaptured, captured())
            .hear(PaymentFailed, aDecline({ declineCode: 'expired_card' }))
            .pass(YEAR);
          expect(world.names(before)).toEqual([]);
        },
      ),
    );
  });

  it('does not begin for a payment that was made before it could', () => {
    const world = new RecoveryWorld().hear(PaymentFailed, aDecline()).hear(PaymentCaptured, captured());
    world.hear(OfferAlternativePayment, anOffer()).pass(YEAR);
    expect(world.all(RecoveryFlowDeclined)).toMatchObject([{ code: 'ALREADY_PAID' }]);
    expect(world.all(SendMail)).toEqual([]);
  });

  it('keeps nothing of payments that were never declined', () => {
    expect(new RecoveryWorld().hear(PaymentCaptured, captured()).names()).toEqual([]);
  });

  it('does not begin where the decline looks like fraud, and ends when a later one does', () => {
    const suspected = new RecoveryWorld().hear(OfferAlternativePayment, anOffer({ declineCode: 'fraudulent' }));
    expect(suspected.all(RecoveryFlowDeclined)).toMatchObject([{ code: 'SUSPECTED_FRAUD' }]);
    expect(suspected.all(SendMail)).toEqual([]);
    const later = begun()
      .hear(PaymentFailed, aDecline({ declineCode: 'fraudulent' }))
      .pass(YEAR);
    expect(later.all(RecoveryFlowEnded)).toMatchObject([{ outcome: 'stopped', reason: 'SUSPECTED_FRAUD' }]);
    expect(later.hours(SendMail)).toEqual([0]);
  });

  it('answers again when it is asked again, and writes no second letter', () => {
    const world = begun().hear(OfferAlternativePayment, anOffer());
    expect(world.all(RecoveryFlowInitiated).map(({ notified }) => notified)).toEqual(['mail', 'before']);
    expect(world.hours(SendMail)).toEqual([0]);
    expect(world.pass(YEAR).all(RetryInvoice)).toHaveLength(4);
  });

  it('when stopped undoes its pause; stopped before it began, it never begins', () => {
    const stop = { paymentId: 'pi_1', accountId: 'U9921', reason: 'a person cancelled the saga' };
    const world = begun()
      .pass(11 * DAY)
      .hear(StopRecovery, stop)
      .hear(StopRecovery, stop);
    expect(world.all(ResumeSubscription)).toMatchObject([{ subscriptionId: 'sub_1' }]);
    expect(world.all(RecoveryFlowEnded).map(({ outcome }) => outcome)).toEqual(['stopped', 'stopped']);
    const early = new RecoveryWorld().hear(StopRecovery, stop).hear(OfferAlternativePayment, anOffer());
    expect(early.names()).toEqual(['RecoveryFlowEnded', 'RecoveryFlowDeclined']);
    expect(early.all(RecoveryFlowDeclined)).toMatchObject([{ code: 'STOPPED' }]);
  });

  it('that was paid says so when it is stopped afterwards', () => {
    const stop = { paymentId: 'pi_1', accountId: 'U9921', reason: 'late' };
    const world = begun().hear(PaymentCaptured, captured()).hear(StopRecovery, stop);
    expect(world.all(RecoveryFlowEnded).map(({ outcome }) => outcome)).toEqual(['recovered', 'recovered']);
  });

  it('ends with the subscription it is for', () => {
    const changed = { subscriptionId: 'sub_1', accountId: 'U9921', collectionPaused: false, changedAt: NOON };
    const world = begun().hear(SubscriptionChanged, { ...changed, status: 'past_due' });
    expect(world.all(RecoveryFlowEnded)).toEqual([]);
    world.hear(SubscriptionChanged, { ...changed, status: 'canceled' }).pass(YEAR);
    expect(world.all(RecoveryFlowEnded)).toMatchObject([{ outcome: 'subscription_ended' }]);
    expect(world.hours(SendMail)).toEqual([0]);
  });
});

describe('what is tried again', () => {
  it('is an invoice only, known before or after the recovery began', () => {
    const without = new RecoveryWorld().hear(OfferAlternativePayment, anOffer()).pass(YEAR);
    expect(without.all(RetryInvoice)).toEqual([]);
    expect(without.all(PauseSubscription)).toEqual([]);
    const after = new RecoveryWorld().hear(OfferAlternativePayment, anOffer()).pass(HOUR);
    after.hear(InvoicePaymentFailed, failedInvoice()).pass(YEAR);
    expect(after.hours(RetryInvoice)).toEqual([25, 73, 121, 193]);
    expect(after.all(SendMail).at(-1)!.text).toContain('https://invoice.example/in_1');
    expect(after.hours(SendMail)).toEqual([0, 73, 193, 241]);
  });

  it('is left to the provider where it goes on by itself', () => {
    const world = begun('insufficient_funds', { nextAttemptAt: NOON + DAY }).pass(YEAR);
    expect(world.all(RetryInvoice)).toEqual([]);
    expect(world.all(PauseSubscription)).toHaveLength(1);
  });

  it('ends with the first decline that forbids it', () => {
    const world = begun()
      .pass(2 * DAY)
      .hear(PaymentFailed, aDecline({ declineCode: 'lost_card' }))
      .pass(YEAR);
    expect(world.hours(RetryInvoice)).toEqual([24]);
  });

  it('is never tried more than four times and never after thirty days, whatever declines come', () => {
    const codes = fc.constantFrom('insufficient_funds', 'do_not_honor', 'issuer_not_available', 'expired_card');
    fc.assert(
      fc.property(fc.array(fc.tuple(codes, fc.integer({ min: 1, max: 200 })), { maxLength: 30 }), (declines) => {
        const world = begun();
        for (const [declineCode, hours] of declines)
          world.hear(PaymentFailed, aDecline({ declineCode })).pass(hours * HOUR);
        world.pass(YEAR);
        expect(world.all(RetryInvoice).length).toBeLessThanOrEqual(4);
        expect(Math.max(0, ...world.hours(SendMail), ...world.hours(RetryInvoice))).toBeLessThan(30 * 24);
        expect(world.all(RecoveryFlowEnded)).toHaveLength(1);
      }),
    );
  });
});

describe('whom a recovery writes to', () => {
  it('is nobody without an address, also that of an erased person: the team is told, and not whom', () => {
    for (const email of [null, 'erased']) {
      const world = new RecoveryWorld().hear(OfferAlternativePayment, anOffer({ email })).pass(29 * DAY);
      expect(world.all(RecoveryFlowInitiated)).toMatchObject([{ notified: 'nobody', addressHash: null }]);
      expect(world.all(SendMail)).toEqual([]);
      expect(world.all(PostNotice)).toHaveLength(1);
    }
  });

  it('is the same address at most three times a day, whichever accounts and payments name it', () => {
    const world = new RecoveryWorld();
    for (let index = 0; index < 50; index += 1) {
      const email = index % 2 === 0 ? 'ada@example.com' : 'ADA@example.com';
      world.hear(OfferAlternativePayment, anOffer({ paymentId: `pi_${index}`, accountId: `guest_pi_${index}`, email }));
    }
    expect(world.all(SendMail)).toHaveLength(3);
    expect(world.all(RecoveryFlowInitiated).filter(({ notified }) => notified === 'limited')).toHaveLength(47);
    world.pass(30 * DAY);
    const hours = world.hours(SendMail);
    for (const hour of hours)
      expect(hours.filter((one) => one > hour - 24 && one <= hour).length).toBeLessThanOrEqual(3);
  });
});
