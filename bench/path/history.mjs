import pg from 'pg';
import { withOpenedCase } from '@towpath/fraud/profiles/account-profile';
import { withCardPayment } from '@towpath/fraud/profiles/card-profile';
import { withPayment } from '@towpath/fraud/profiles/customer-profile';
import { withIpPayment } from '@towpath/fraud/profiles/ip-profile';
import { withMerchantPayment } from '@towpath/fraud/profiles/merchant-profile';
import { amountOf, buyerOf, chargesStartAt } from './delivery.mjs';

export const CUSTOMERS = 100_000;
const PAYMENTS_PER_CUSTOMER = 12;
const HISTORY_DAYS = 60;
const ROWS_PER_INSERT = 4_000;

/**
 * Loads what 100,000 customers did in the 60 days before the first delivery into fraud's projections, folded by the code
 * that the service itself folds with, so the rows are as they would be had the payments come one by one.
 */
export async function loadHistory({ adminUrl, lookupHash, customers = CUSTOMERS }) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('set synchronous_commit = off');
    const merchants = new Map();
    let rows = [];
    for (let customer = 0; customer < customers; customer += 1) {
      rows.push(...rowsOf(customer, lookupHash, merchants));
      if (rows.length < ROWS_PER_INSERT) continue;
      await insert(client, rows);
      rows = [];
    }
    await insert(client, [...rows, ...[...merchants].map(([key, state]) => ({ name: 'merchants', key, state }))]);
    await client.query('vacuum analyze fraud.projections');
    await client.query('checkpoint');
    const { rows: counts } = await client.query('select count(*)::int as rows from fraud.projections');
    return counts[0].rows;
  } finally {
    await client.end();
  }
}

function rowsOf(customer, lookupHash, merchants) {
  const buyer = buyerOf(customer);
  const ipHash = lookupHash(buyer.ip);
  const devices = [lookupHash(buyer.device), lookupHash(`${buyer.device}-old`)];
  let row;
  let card;
  let ip;
  let account;
  for (let payment = 0; payment < PAYMENTS_PER_CUSTOMER; payment += 1) {
    const facts = factsOf(buyer, payment, ipHash, devices[payment % 4 === 1 ? 1 : 0]);
    row = withPayment(row, facts);
    card = withCardPayment(card, facts);
    ip = withIpPayment(ip, facts);
    account = withOpenedCase(account, facts);
    merchants.set(buyer.terminal, withMerchantPayment(merchants.get(buyer.terminal), facts));
  }
  return [
    { name: 'customers', key: buyer.customer, state: row },
    { name: 'cards', key: buyer.fingerprint, state: card },
    { name: 'ips', key: ipHash, state: ip },
    { name: 'accounts', key: buyer.customer, state: account },
  ];
}

function factsOf(buyer, payment, ipHash, deviceHash) {
  const age = ((PAYMENTS_PER_CUSTOMER - payment) / PAYMENTS_PER_CUSTOMER) * HISTORY_DAYS - (buyer.number % 97) / 97;
  const paymentId = `pi_before_${buyer.number}_${payment}`;
  return {
    ...{ paymentId, chargeId: `ch_before_${buyer.number}_${payment}`, accountId: buyer.customer },
    ...{ amountMinor: amountOf(buyer.number, payment), currency: 'EUR', captured: true, captureBefore: null },
    chargedAt: Math.floor(chargesStartAt - age * 86_400) * 1000,
    ...{ cardFingerprint: buyer.fingerprint, cardCountry: buyer.country, billingCountry: buyer.country },
    ...{ shippingCountry: buyer.country, ipHash, deviceHash, riskLevel: 'normal', merchantId: buyer.terminal },
    ...{ customerCreatedAt: 1_600_000_000_000, connectedAccountId: null, missing: [] },
  };
}

async function insert(client, rows) {
  await client.query({
    name: 'history',
    text: `insert into fraud.projections (name, key, version, state)
      select name, key, 1, state from unnest($1::text[], $2::text[], $3::jsonb[]) as h(name, key, state)`,
    values: [rows.map(({ name }) => name), rows.map(({ key }) => key), rows.map(({ state }) => JSON.stringify(state))],
  });
}
