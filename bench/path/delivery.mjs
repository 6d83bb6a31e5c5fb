import { createHmac, randomBytes } from 'node:crypto';

/** Customers that pay during the benchmark, of the 100,000 whose history is loaded. */
export const ACTIVE_CUSTOMERS = 10_000;
const TERMINALS = 500;
const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'NL'];
const DAY = 86_400;
/** Seconds between two charges: each customer pays every four hours, so decisions are those of ordinary traffic at any rate. */
const CHARGE_SPACING = 1.5;
const run = randomBytes(4).toString('hex');
const runStartedAt = Math.floor(Date.now() / 1000);

/** When the first delivery's charge was made, seconds since the epoch: charges have a time of their own. */
export const chargesStartAt = runStartedAt - 40 * DAY;

/** What is always the same of one customer. */
export function buyerOf(number) {
  return {
    number,
    customer: `cus_${number}`,
    country: COUNTRIES[number % COUNTRIES.length],
    ip: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
    device: `device-${number}`,
    fingerprint: `card-${number}`,
    terminal: `terminal-${number % TERMINALS}`,
  };
}

/** Minor units; within twice the customer's mean. */
export function amountOf(customer, n) {
  return 2_000 + ((customer * 131 + n * 1_237) % 4_000);
}

/**
 * The n-th delivery: a Stripe `charge.succeeded`, by default with every field a rule asks for; with `fields: 'few'` without
 * those that a provider must be asked for.
 */
export function deliveryBody(n, fields = 'all') {
  const buyer = buyerOf((n * 7919) % ACTIVE_CUSTOMERS);
  const id = `${run}${String(n).padStart(10, '0')}`;
  const charge = chargeOf({ buyer, id, n, isComplete: fields === 'all' });
  const event = {
    id: `evt_${id}`,
    object: 'event',
    api_version: '2020-08-27',
    created: runStartedAt,
    data: { object: charge },
    livemode: false,
    pending_webhooks: 1,
    request: { id: `req_${id}`, idempotency_key: id },
    type: 'charge.succeeded',
  };
  return { paymentId: charge.payment_intent, amount: charge.amount, body: Buffer.from(JSON.stringify(event)) };
}

function chargeOf({ buyer, id, n, isComplete }) {
  const { country, customer, fingerprint, number } = buyer;
  const address = { city: 'Example', country, line1: '1 Canal Street', line2: null, postal_code: '10115', state: null };
  const context = isComplete ? { ip: buyer.ip, device_id: buyer.device, customer_created: '1600000000' } : {};
  return {
    id: `ch_${id}`,
    object: 'charge',
    amount: amountOf(number, n),
    amount_captured: 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    balance_transaction: null,
    captured: false,
    created: chargesStartAt + Math.floor(n * CHARGE_SPACING),
    currency: 'eur',
    customer,
    billing_details: { address, email: `buyer${number}@example.com`, name: 'Example Buyer', phone: null },
    calculated_statement_descriptor: 'TOWPATH',
    description: 'benchmark',
    destination: null,
    dispute: null,
    disputed: false,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    invoice: null,
    livemode: false,
    metadata: { ...context, terminal: buyer.terminal },
    on_behalf_of: null,
    order: null,
    outcome: {
      network_status: 'approved_by_network',
      reason: null,
      risk_level: isComplete ? 'normal' : 'not_assessed',
      risk_score: 12,
      seller_message: 'Payment complete.',
      type: 'authorized',
    },
    paid: true,
    payment_intent: `pi_${id}`,
    payment_method: `pm_${number}`,
    payment_method_details: {
      card: {
        brand: 'visa',
        capture_before: runStartedAt + 6 * DAY,
        checks: { address_line1_check: 'pass', address_postal_code_check: 'pass', cvc_check: 'pass' },
        country,
        exp_month: 3,
        exp_year: 2031,
        fingerprint,
        funding: 'credit',
        installments: null,
        last4: '4242',
        mandate: null,
        network: 'visa',
        three_d_secure: null,
        wallet: null,
      },
      type: 'card',
    },
    receipt_email: null,
    receipt_number: null,
    refunded: false,
    refunds: { object: 'list', data: [], has_more: false, total_count: 0 },
    review: null,
    shipping: { address, carrier: null, name: 'Example Buyer', phone: null, tracking_number: null },
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: null,
  };
}

/** Stripe's signature header, made anew for each attempt as Stripe does. */
export function signatureOf(secret, body) {
  const seconds = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return `t=${seconds},v1=${digest}`;
}
