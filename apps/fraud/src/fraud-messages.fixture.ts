import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { message, type Inbound } from './fraud-service.fixture.js';
import { aCharge, NOON } from './payment-facts.fixture.js';

export const charge = (over: Parameters<typeof aCharge>[0] = {}): Inbound => message(ChargeSucceeded, aCharge(over));
/** Held by the rules: the provider's highest risk. */
export const risky = (over: Parameters<typeof aCharge>[0] = {}): Inbound => charge({ riskLevel: 'highest', ...over });
/** Blocked by the rules. */
export const hopeless = (over: Parameters<typeof aCharge>[0] = {}): Inbound =>
  risky({ billingCountry: 'FR', shippingCountry: 'NG', ...over });
export const bare = { ipHash: null, deviceHash: null, riskLevel: null, customerCreatedAt: null };
export const burst = (count: number, over: Parameters<typeof aCharge>[0] = {}): Inbound[] =>
  Array.from({ length: count }, (_, index) =>
    charge({ paymentId: `pi_${index}`, chargedAt: NOON + index * 1_000, ...over }),
  );
export const captured = (paymentId: string): Inbound =>
  message(PaymentCaptured, {
    ...{ paymentId, chargeId: null, amountMinor: 4_200, currency: 'EUR', capturedAt: NOON },
    recoversPaymentId: null,
  });
export const confirmed = (action: string, paymentId: string): Inbound =>
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
export const decided = (over: Partial<DecideReview>): Inbound =>
  message(DecideReview, {
    ...{ reviewId: 'payment-review_pi_1', service: 'fraud', subjectType: 'payment', subjectId: 'pi_1' },
    ...{ decision: 'approve', reasonCode: 'known-customer', reason: 'called the buyer', personId: '' },
    ...{ edited: null, actionHash: null, actor: 'ada', role: 'fraud-analyst', ...over },
  });
export const resolve = (decision: string, reason = 'called the buyer'): Inbound => decided({ decision, reason });
