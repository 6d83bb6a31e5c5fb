import type { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import type { PaymentFacts } from './payment-facts.js';

/** 2026-03-02 12:00:00 UTC */
export const NOON = 1_772_452_800_000;
export const MINUTE = 60_000;
export const DAY = 86_400_000;

/** An ordinary payment of a customer who is known for a year, with everything the rules ask for. */
export function aCharge(over: Partial<ChargeSucceeded> = {}): ChargeSucceeded {
  const paymentId = over.paymentId ?? 'pi_1';
  return {
    paymentId,
    chargeId: `ch_${paymentId}`,
    accountId: 'cus_1',
    customerId: 'cus_1',
    amountMinor: 4_200,
    currency: 'EUR',
    captured: false,
    chargedAt: NOON,
    captureBefore: null,
    cardFingerprint: 'card_1',
    cardCountry: 'DE',
    billingCountry: 'DE',
    shippingCountry: null,
    ip: null,
    ipHash: 'ip_1',
    deviceHash: 'device_1',
    email: null,
    riskLevel: 'normal',
    merchantId: 'shop_1',
    customerCreatedAt: NOON - 365 * DAY,
    connectedAccountId: null,
    recoversPaymentId: null,
    ...over,
  };
}

/** The same as the facts of a case. */
export function someFacts(over: Partial<PaymentFacts> = {}): PaymentFacts {
  const { customerId: _customer, ip: _ip, email: _email, recoversPaymentId: _other, ...facts } = aCharge(over);
  return { ...facts, missing: over.missing ?? [] };
}
