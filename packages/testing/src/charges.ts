/** A Stripe delivery before it is signed. */
export interface StripeDelivery {
  readonly eventId: string;
  readonly paymentId: string;
  readonly body: string;
}

/** What a spec says about a charge; what it leaves out is an ordinary payment that is approved at once. */
export interface ChargeFields {
  /** makes `evt_…`, `pi_…` and `ch_…` */
  readonly id: string;
  readonly customer: string;
  readonly card?: string;
  /** null: the delivery does not say */
  readonly ip?: string | null;
  readonly device?: string | null;
  readonly amountMinor?: number;
  readonly captured?: boolean;
  readonly risk?: string | null;
  readonly cardCountry?: string;
  readonly chargedAt?: Date;
}

/** 2020-09-13: nobody is a new customer. */
const CUSTOMER_SINCE = '1600000000';
const SIX_DAYS_SECONDS = 6 * 86_400;

/** A `charge.succeeded` as Stripe sends it, with every field that a rule asks for unless `fields` says otherwise. */
export function chargeSucceeded(fields: ChargeFields): StripeDelivery {
  const { id, customer, captured = false, chargedAt = new Date() } = fields;
  const now = Math.floor(Date.now() / 1000);
  const object = {
    id: `ch_${id}`,
    object: 'charge',
    payment_intent: `pi_${id}`,
    customer,
    amount: fields.amountMinor ?? 1_500,
    currency: 'eur',
    captured,
    created: Math.floor(chargedAt.getTime() / 1000),
    status: 'succeeded',
    metadata: metadataOf(fields),
    billing_details: { address: { country: 'DE' } },
    shipping: { address: { country: 'DE' } },
    outcome: { risk_level: fields.risk === undefined ? 'normal' : fields.risk },
    payment_method_details: {
      card: {
        country: fields.cardCountry ?? 'DE',
        fingerprint: fields.card ?? `card-${customer}`,
        capture_before: now + SIX_DAYS_SECONDS,
      },
    },
  };
  return stripeEvent(`evt_${id}`, 'charge.succeeded', object, `pi_${id}`);
}

/** Any other Stripe event about a payment. */
export function stripeEvent(eventId: string, type: string, object: object, paymentId: string): StripeDelivery {
  const created = Math.floor(Date.now() / 1000);
  const body = { id: eventId, object: 'event', created, type, livemode: false, data: { object } };
  return { eventId, paymentId, body: JSON.stringify(body) };
}

function metadataOf({ customer, ip, device }: ChargeFields): Record<string, string> {
  return {
    ...(ip === null ? {} : { ip: ip ?? `ip-of-${customer}` }),
    ...(device === null ? {} : { device_id: device ?? `device-of-${customer}` }),
    ...(ip === null && device === null ? {} : { customer_created: CUSTOMER_SINCE }),
  };
}
