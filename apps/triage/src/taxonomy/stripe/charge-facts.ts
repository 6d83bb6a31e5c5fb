import { codeAt, fieldsAt, idAt, secondsAt, textAt, type Fields } from '../fields.js';
import type { Lookups } from '../taxonomy.js';

/** Who pays, as seen from a charge or payment intent. */
export function accountOf(object: Fields, paymentId: string): { accountId: string; customerId: string | null } {
  const customerId = idAt(object, 'customer');
  return { accountId: customerId ?? `guest_${paymentId}`, customerId };
}

/** Card, country and device facts of a charge; what the delivery does not say is null. */
export function chargeFacts(charge: Fields, lookups: Lookups) {
  const card = fieldsAt(fieldsAt(charge, 'payment_method_details'), 'card');
  const metadata = fieldsAt(charge, 'metadata');
  const customer = fieldsAt(charge, 'customer');
  const billing = fieldsAt(charge, 'billing_details');
  const ip = textAt(metadata, 'ip') ?? textAt(metadata, 'ip_address');
  const device = textAt(metadata, 'device_id') ?? textAt(metadata, 'device');
  return {
    captureBefore: secondsAt(card, 'capture_before'),
    cardFingerprint: codeAt(card, 'fingerprint'),
    cardCountry: country(card, 'country'),
    billingCountry: country(fieldsAt(billing, 'address'), 'country'),
    shippingCountry: country(fieldsAt(fieldsAt(charge, 'shipping'), 'address'), 'country'),
    ip,
    ipHash: ip === null ? null : lookups.hash(ip),
    deviceHash: device === null ? null : lookups.hash(device),
    email: emailOf(charge, billing),
    riskLevel: riskLevel(fieldsAt(charge, 'outcome')),
    merchantId: textAt(metadata, 'terminal') ?? textAt(metadata, 'merchant'),
    customerCreatedAt: secondsAt(customer, 'created') ?? metadataSeconds(metadata, 'customer_created'),
  };
}

/** Where the buyer is written to: what they gave for a receipt, or with their card. */
export function emailOf(paid: Fields, billing: Fields): string | null {
  return textAt(billing, 'email') ?? textAt(paid, 'receipt_email');
}

/** The declined payment that this one stands for, as our own page of payment marks it. */
export function recoveredPaymentOf(paid: Fields): string | null {
  return codeAt(fieldsAt(paid, 'metadata'), 'recovers_payment');
}

/** Radar says `not_assessed` or `unknown` when it has no opinion, which is not an opinion. */
function riskLevel(outcome: Fields): string | null {
  const level = textAt(outcome, 'risk_level');
  return level === 'normal' || level === 'elevated' || level === 'highest' ? level : null;
}

function country(fields: Fields, name: string): string | null {
  const code = textAt(fields, name)?.toUpperCase() ?? '';
  return /^[A-Z]{2}$/.test(code) ? code : null;
}

/** Metadata values are always texts. */
function metadataSeconds(metadata: Fields, name: string): number | null {
  const value = textAt(metadata, name);
  return value !== null && /^\d{1,12}$/.test(value) ? Number(value) * 1000 : null;
}

/** The connected account whose money it is, on which payouts could be held. */
export function connectedAccountOf(charge: Fields, eventAccount: string | null): string | null {
  const transfer = fieldsAt(charge, 'transfer_data');
  return eventAccount ?? idAt(charge, 'on_behalf_of') ?? idAt(charge, 'destination') ?? idAt(transfer, 'destination');
}
