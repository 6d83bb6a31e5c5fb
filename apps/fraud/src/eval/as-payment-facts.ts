import type { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import type { PaymentFacts } from '../payment-facts.js';
import type { CardPayment } from './card-payments.js';

/** Currency of the amounts in the file, which has no column for it. */
export const CURRENCY = 'EUR';

/** The ids a row gets, here and as a delivery: the same, or parity could not be shown. */
export function idsOf(payment: CardPayment): {
  paymentId: string;
  chargeId: string;
  customerId: string;
  merchantId: string;
} {
  return {
    paymentId: `pi_row${payment.line}`,
    chargeId: `ch_row${payment.line}`,
    customerId: `cus_${payment.customer}`,
    merchantId: `term_${payment.terminal}`,
  };
}

/** The facts of a case as the service records them for such a payment; what the file lacks is unknown. */
export function asPaymentFacts(payment: CardPayment): PaymentFacts {
  const { paymentId, chargeId, customerId, merchantId } = idsOf(payment);
  return {
    paymentId,
    accountId: customerId,
    chargeId,
    amountMinor: payment.amountMinor,
    currency: CURRENCY,
    captured: true,
    chargedAt: payment.seconds * 1000,
    captureBefore: null,
    cardFingerprint: null,
    cardCountry: null,
    billingCountry: null,
    shippingCountry: null,
    ipHash: null,
    deviceHash: null,
    riskLevel: null,
    merchantId,
    customerCreatedAt: null,
    connectedAccountId: null,
    missing: [],
  };
}

/** The label of a row, as a dispute brings it to the service. */
export function asFraudConfirmed(payment: CardPayment, confirmedAt: number): FraudConfirmed {
  const { paymentId, customerId, merchantId } = idsOf(payment);
  return {
    paymentId,
    accountId: customerId,
    disputeId: `dp_row${payment.line}`,
    merchantId,
    decision: 'none',
    chargedAt: payment.seconds * 1000,
    confirmedAt,
  };
}
