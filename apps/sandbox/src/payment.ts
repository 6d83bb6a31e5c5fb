/** Money that went back. */
export interface Refund {
  readonly id: string;
  /** minor units */
  readonly amount: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A payment as the sandbox knows it: state, and what a PaymentIntent with its charge, customer and review would show. */
export interface Payment {
  readonly id: string;
  readonly chargeId: string;
  readonly status: 'requires_capture' | 'succeeded' | 'canceled';
  /** minor units */
  readonly amount: number;
  readonly refunds: readonly Refund[];
  /** lower case, as Stripe writes it */
  readonly currency: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly customerId: string | null;
  /** seconds since the epoch */
  readonly customerCreated: number | null;
  readonly cardCountry: string | null;
  readonly cardFingerprint: string | null;
  readonly riskLevel: string | null;
  readonly reviewOpen: boolean;
  readonly reviewIp: string | null;
}

/** A payment that nobody seeded: what it takes to act on it, and no context. */
export function unknownPayment(id: string, amount: number, status: Payment['status']): Payment {
  return {
    id,
    chargeId: id.startsWith('ch_') ? id : `ch_${id.replace(/^pi_/, '')}`,
    status,
    amount,
    refunds: [],
    currency: 'usd',
    metadata: {},
    customerId: null,
    customerCreated: null,
    cardCountry: null,
    cardFingerprint: null,
    riskLevel: null,
    reviewOpen: false,
    reviewIp: null,
  };
}

/** The payment as Stripe's PaymentIntent with latest charge, customer and review expanded. */
export function paymentIntentBody(payment: Payment): object {
  const { id, amount, currency, status, metadata, customerId } = payment;
  return {
    id,
    object: 'payment_intent',
    amount,
    amount_capturable: status === 'requires_capture' ? amount : 0,
    amount_received: status === 'succeeded' ? amount : 0,
    capture_method: 'manual',
    currency,
    customer: customerId === null ? null : { id: customerId, object: 'customer', created: payment.customerCreated },
    latest_charge: chargeBody(payment),
    livemode: false,
    metadata,
    review: payment.reviewOpen || payment.reviewIp !== null ? reviewBody(payment) : null,
    status,
  };
}

/** The payment's charge. */
export function chargeBody(payment: Payment): object {
  const { chargeId, id, amount, currency, status } = payment;
  const amountRefunded = refundedAmount(payment);
  return {
    id: chargeId,
    object: 'charge',
    amount,
    amount_captured: status === 'succeeded' ? amount : 0,
    amount_refunded: amountRefunded,
    captured: status === 'succeeded',
    currency,
    customer: payment.customerId,
    livemode: false,
    metadata: payment.metadata,
    outcome: { type: 'authorized', risk_level: payment.riskLevel ?? 'not_assessed' },
    payment_intent: id === chargeId ? null : id,
    payment_method_details: {
      type: 'card',
      card: { country: payment.cardCountry, fingerprint: payment.cardFingerprint },
    },
    refunded: status === 'canceled' || amountRefunded >= amount,
    status: 'succeeded',
  };
}

/** One refund of the payment. */
export function refundBody({ id, chargeId, currency }: Payment, refund: Refund): object {
  const charge = { charge: chargeId, payment_intent: id === chargeId ? null : id };
  return { ...refund, object: 'refund', currency, ...charge, status: 'succeeded' };
}

/** Minor units that went back already. */
export function refundedAmount({ refunds }: Payment): number {
  return refunds.reduce((sum, { amount }) => sum + amount, 0);
}

function reviewBody({ id, reviewOpen, reviewIp }: Payment): object {
  return {
    id: `prv_${id}`,
    object: 'review',
    open: reviewOpen,
    ip_address: reviewIp,
    payment_intent: id,
    reason: 'rule',
  };
}
