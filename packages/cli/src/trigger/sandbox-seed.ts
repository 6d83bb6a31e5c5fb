import type { Body } from './paths.js';

/** A payment as the sandbox is told of it, so that egress can act on it and fetch its context. */
export interface Seed {
  readonly id: string;
  readonly payment: Body;
}

/** The payment behind a Stripe event about a charge; undefined for any other event. */
export function seedOf(body: Body): Seed | undefined {
  const object = at(at(body, 'data'), 'object');
  if (object['object'] !== 'charge') return undefined;
  const card = at(at(object, 'payment_method_details'), 'card');
  const id = text(object['payment_intent']) ?? text(object['id']);
  if (id === null) return undefined;
  const chargeId = text(object['id']);
  return {
    id,
    payment: {
      status: object['captured'] === true ? 'succeeded' : 'requires_capture',
      ...(typeof object['amount'] === 'number' && { amount: object['amount'] }),
      ...(text(object['currency']) !== null && { currency: object['currency'] }),
      ...(chargeId !== null && { chargeId }),
      metadata: texts(at(object, 'metadata')),
      customerId: text(object['customer']),
      cardCountry: text(card['country']),
      cardFingerprint: text(card['fingerprint']),
      riskLevel: text(at(object, 'outcome')['risk_level']),
    },
  };
}

function at(holder: Body, name: string): Body {
  const value = holder[name];
  return typeof value === 'object' && value !== null ? (value as Body) : {};
}

function text(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function texts(fields: Body): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}
