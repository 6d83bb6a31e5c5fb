import { randomUUID } from 'node:crypto';

/** One payment's event as triage writes it: about 700 bytes with its metadata, personal fields already encrypted. */
export function paymentEvent(stream) {
  const cipher = (label) => `v1.${label}.${'Zk3mQ9'.repeat(9)}`;
  const id = randomUUID();
  return {
    id,
    stream,
    type: 'bench.v1.PaymentSucceeded',
    data: {
      paymentId: stream,
      amountMinor: 4_200 + (id.charCodeAt(0) % 100),
      currency: 'EUR',
      customerId: 'cus_9s6XKzkNRiz8i3',
      email: cipher('email'),
      cardFingerprint: cipher('card'),
      country: 'DE',
      provider: 'stripe',
      providerEventId: `evt_${id.slice(0, 18)}`,
    },
    metadata: {
      correlationId: id,
      causationId: id,
      hops: 1,
      path: ['RouteDelivery:9f86d081884c7d65'],
      handler: 'RouteDelivery',
      traceparent: `00-${id.replaceAll('-', '')}-00f067aa0ba902b7-01`,
    },
    occurredAt: new Date(),
  };
}
