import { createHmac, randomBytes } from 'node:crypto';

/** Customers that pay during the benchmark, of the 100,000 whose history is loaded. */
export const ACTIVE_CUSTOMERS = 10_000;
const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'NL'];
const run = randomBytes(4).toString('hex');
const runStartedAt = Math.floor(Date.now() / 1000);

/**
 * The n-th delivery: a Stripe `charge.succeeded` with every field a rule asks for. Charges are made in a time of their
 * own in which each customer pays every few hours, so that the decisions are those of ordinary traffic at any rate.
 */
export function deliveryBody(n) {
  const customer = (n * 7919) % ACTIVE_CUSTOMERS;
  const id = `${run}${String(n).padStart(10, '0')}`;
  const country = COUNTRIES[customer % COUNTRIES.length];
  const amount = 800 + ((customer * 131 + n * 17) % 6000);
  const chargedAt = runStartedAt - 40 * 86_400 + Math.floor(n * 1.5);
  const charge = {
    id: `ch_${id}`, object: 'charge', amount, amount_captured: 0, amount_refunded: 0, application: null, application_fee: null,
    balance_transaction: null, captured: false, created: chargedAt, currency: 'eur', customer: `cus_${customer}`,
    billing_details: { address: { city: 'Example', country, line1: '1 Canal Street', line2: null, postal_code: '10115', state: null }, email: `buyer${customer}@example.com`, name: 'Example Buyer', phone: null },
    calculated_statement_descriptor: 'TOWPATH', description: 'benchmark', destination: null, dispute: null, disputed: false,
    failure_code: null, failure_message: null, fraud_details: {}, invoice: null, livemode: false,
    metadata: { ip: `10.${(customer >> 8) & 255}.${customer & 255}.7`, device_id: `device-${customer}`, customer_created: '1600000000', terminal: `terminal-${customer % 500}` },
    on_behalf_of: null, order: null,
    outcome: { network_status: 'approved_by_network', reason: null, risk_level: 'normal', risk_score: 12, seller_message: 'Payment complete.', type: 'authorized' },
    paid: true, payment_intent: `pi_${id}`, payment_method: `pm_${customer}`,
    payment_method_details: { card: { brand: 'visa', capture_before: runStartedAt + 6 * 86_400, checks: { address_line1_check: 'pass', address_postal_code_check: 'pass', cvc_check: 'pass' }, country, exp_month: 3, exp_year: 2031, fingerprint: `card-${customer}`, funding: 'credit', installments: null, last4: '4242', mandate: null, network: 'visa', three_d_secure: null, wallet: null }, type: 'card' },
    receipt_email: null, receipt_number: null, refunded: false, refunds: { object: 'list', data: [], has_more: false, total_count: 0 }, review: null,
    shipping: { address: { city: 'Example', country, line1: '1 Canal Street', line2: null, postal_code: '10115', state: null }, carrier: null, name: 'Example Buyer', phone: null, tracking_number: null },
    source: null, source_transfer: null, statement_descriptor: null, statement_descriptor_suffix: null, status: 'succeeded', transfer_data: null, transfer_group: null,
  };
  const event = { id: `evt_${id}`, object: 'event', api_version: '2020-08-27', created: runStartedAt, data: { object: charge }, livemode: false, pending_webhooks: 1, request: { id: `req_${id}`, idempotency_key: id }, type: 'charge.succeeded' };
  return { paymentId: charge.payment_intent, body: Buffer.from(JSON.stringify(event)) };
}

/** Stripe's signature header, made anew for each attempt as Stripe does. */
export function signatureOf(secret, body) {
  const seconds = Math.floor(Date.now() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.`).update(body).digest('hex');
  return `t=${seconds},v1=${digest}`;
}
