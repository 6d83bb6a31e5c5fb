import { DeprovisionAccount } from '@towpath/contracts/accounts/DeprovisionAccount.v1';
import { ProvisionAccount } from '@towpath/contracts/accounts/ProvisionAccount.v1';
import type { Contract } from '@towpath/contracts/contract';
import { UpsertContact } from '@towpath/contracts/crm/UpsertContact.v1';
import { PageOnCall } from '@towpath/contracts/pages/PageOnCall.v1';
import { ChargeAtAlternateGateway } from '@towpath/contracts/payments/ChargeAtAlternateGateway.v1';
import { CreditAtAlternateGateway } from '@towpath/contracts/payments/CreditAtAlternateGateway.v1';
import { RefundAtAlternateGateway } from '@towpath/contracts/payments/RefundAtAlternateGateway.v1';
import { BookShipment } from '@towpath/contracts/shipping/BookShipment.v1';
import { CancelShipment } from '@towpath/contracts/shipping/CancelShipment.v1';
import { adapters } from '../adapters.js';
import type { OpenEffect } from '../ledger.projection.js';
import type { Provider } from '../provider.js';
import { SandboxProcess } from '../sandbox-process.fixture.js';
import { effectFor, opened } from './adapters.fixture.js';

let sandbox: SandboxProcess;
let ways: Provider[] = [];
let count = 0;

beforeAll(async () => {
  sandbox = await SandboxProcess.start();
}, 30_000);
afterAll(() => sandbox.stop());
afterEach(async () => {
  await Promise.all(ways.map((way) => way.close()));
  ways = [];
  await sandbox.calm();
});

function open(name: string, dryRun = false): Provider {
  const adapter = adapters.find((one) => one.provider === name)!;
  const settings = { [`${name.toUpperCase()}_CALL_MS_MAX`]: '1500' };
  const way = opened(adapter, settings, { dryRun, sandboxUrl: sandbox.origin });
  ways.push(way);
  return way;
}

const shipment = (over: Partial<BookShipment> = {}): BookShipment => ({
  ...{ shipmentId: `order_${(count += 1)}`, customerId: 'contact_1', name: 'Ada Byron', street: 'Lock 7' },
  ...{ city: 'Gouda', postalCode: '2801', region: null, country: 'NL', service: null },
  ...{ lines: [{ sku: 'sku_1', quantity: 2 }], ...over },
});
const customer = (): ProvisionAccount => ({
  ...{ customerId: `cust_${(count += 1)}`, plan: 'team', email: `a${count}@shop.example`, name: 'Ada', company: null },
});
const contact = (): UpsertContact => ({
  ...{ contactId: `contact_${(count += 1)}`, email: `c${count}@shop.example`, name: 'Ada King Byron', company: 'Acme' },
  ...{ stage: 'lead', score: 71, owner: 'rep_1', source: 'form' },
});
const page = (): PageOnCall => ({
  ...{ pageId: `page_${(count += 1)}`, summary: 'a refund failed everywhere', severity: 'critical' },
  ...{ subjectType: 'saga', subjectId: `saga_${count}`, details: null },
});
const charge = (over: Partial<ChargeAtAlternateGateway> = {}): ChargeAtAlternateGateway => ({
  ...{ chargeRef: `order_${(count += 1)}`, accountId: `cus_${count}`, paymentMethodId: null, amountMinor: 700 },
  ...{ currency: 'EUR', description: 'spec', ...over },
});
const refund = (over: Partial<RefundAtAlternateGateway> = {}): RefundAtAlternateGateway => ({
  ...{ refundId: `re_${(count += 1)}`, chargeRef: `order_${count}`, paymentId: null, accountId: `cus_${count}` },
  ...{ amountMinor: 700, currency: 'EUR', reason: 'spec', ...over },
});
const credit = (): CreditAtAlternateGateway => ({
  ...{ creditId: `cr_${(count += 1)}`, accountId: `cus_${count}`, paymentMethodId: null, amountMinor: 300 },
  ...{ currency: 'EUR', reason: 'spec' },
});

type Case = readonly [provider: string, title: string, contract: Contract, data: () => object, action: string];
const acts: readonly Case[] = [
  ['carrier', BookShipment.name, BookShipment, shipment, 'ship'],
  ['accounts', ProvisionAccount.name, ProvisionAccount, customer, 'provision'],
  ['crm', UpsertContact.name, UpsertContact, contact, 'upsert'],
  ['pager', PageOnCall.name, PageOnCall, page, 'page'],
  ['gateway', ChargeAtAlternateGateway.name, ChargeAtAlternateGateway, charge, 'charge'],
  ['gateway', RefundAtAlternateGateway.name, RefundAtAlternateGateway, refund, 'refund'],
  ['gateway', CreditAtAlternateGateway.name, CreditAtAlternateGateway, credit, 'credit'],
];
const doneBy = (provider: string, { effectId }: OpenEffect) =>
  sandbox.done(provider).filter((act) => act.effectId === effectId);

describe('what sagas ask of third parties, over real HTTP', () => {
  it.each(acts)('%s carries out %s, and says under which id', async (name, _title, contract, data, action) => {
    const effect = effectFor(contract, data());
    expect(await open(name).execute(effect)).toMatchObject({ kind: 'done', reference: expect.stringMatching(/.+/) });
    expect(doneBy(name, effect)).toMatchObject([{ action, idempotencyKey: effect.idempotencyKey }]);
  });

  it.each(acts)('%s finds out by a probe whether %s was done after its answer was lost', async (...one) => {
    const [name, , contract, data] = one;
    const effect = effectFor(contract, data());
    const way = open(name);
    expect(await way.probe(effect)).toMatchObject({ kind: 'not-done' });
    await sandbox.put('/sandbox/behaviour', { action: name, actThenReset: true });
    expect(await way.execute(effect)).toMatchObject({ kind: 'unknown' });
    await sandbox.calm();
    expect(await way.probe(effect)).toMatchObject({ kind: 'done', reference: expect.stringMatching(/.+/) });
    expect(doneBy(name, effect)).toHaveLength(1);
  });

  it.each(acts)('%s takes silence for an unknown outcome of %s', async (name, _title, contract, data) => {
    await sandbox.put('/sandbox/behaviour', { action: name, actThenHang: true });
    expect(await open(name).execute(effectFor(contract, data()))).toMatchObject({ kind: 'unknown' });
  });

  it.each(acts)('%s knows what the status of an answer means for %s', async (name, _title, contract, data) => {
    const way = open(name);
    for (const [failStatus, kind] of [
      [429, 'not-acted'],
      [401, 'not-acted'],
      [422, 'refused'],
      [500, 'unknown'],
    ] as const) {
      const effect = effectFor(contract, data());
      await sandbox.put('/sandbox/behaviour', { action: name, failNext: 1, failStatus });
      expect(await way.execute(effect)).toMatchObject({ kind });
      expect(doneBy(name, effect)).toEqual([]);
    }
  });

  it.each(acts)('%s shows what it would send for %s in a dry run, and sends nothing', async (...one) => {
    const [name, , contract, data] = one;
    const before = sandbox.done(name).length;
    const result = await open(name, true).execute(effectFor(contract, data()));
    expect(result).toMatchObject({ kind: 'rehearsed', rehearsed: { method: expect.stringMatching(/POST|PUT/) } });
    expect(JSON.stringify(result)).not.toMatch(/Bearer|Token token/);
    expect(sandbox.done(name)).toHaveLength(before);
  });

  it.each([
    ['carrier', BookShipment, shipment] as const,
    ['accounts', ProvisionAccount, customer] as const,
    ['pager', PageOnCall, page] as const,
    ['gateway', ChargeAtAlternateGateway, charge] as const,
    ['gateway', RefundAtAlternateGateway, refund] as const,
    ['gateway', CreditAtAlternateGateway, credit] as const,
  ])('%s does the same thing once, though a second command asks for it', async (name, contract, data) => {
    const way = open(name);
    const asked = data();
    const before = sandbox.done(name).length;
    const first = await way.execute(effectFor<Contract>(contract, asked));
    expect(await way.execute(effectFor<Contract>(contract, asked))).toEqual(first);
    expect(sandbox.done(name)).toHaveLength(before + 1);
  });

  it.each(acts.filter(([name]) => name !== 'crm' && name !== 'accounts'))(
    '%s does not call for %s when it could not look first',
    async (name, _title, contract, data) => {
      const effect = effectFor(contract, data());
      await sandbox.put('/sandbox/behaviour', { action: `${name}-read`, failNext: 9, failStatus: 503 });
      expect(await open(name).execute(effect)).toMatchObject({ kind: 'not-acted', code: 'LOOK_FAILED' });
      expect(doneBy(name, effect)).toEqual([]);
    },
  );
});

describe('the carrier', () => {
  const cancel = ({ shipmentId, customerId }: BookShipment) =>
    effectFor(CancelShipment, { shipmentId, customerId, reason: 'spec' });

  it('calls a shipment off, and books it again only when it is asked to after that', async () => {
    const way = open('carrier');
    const asked = shipment();
    const booked = await way.execute(effectFor(BookShipment, asked));
    expect(await way.probe(cancel(asked))).toMatchObject({ kind: 'not-done' });
    expect(await way.execute(cancel(asked))).toEqual(booked);
    expect(await way.probe(cancel(asked))).toMatchObject({ kind: 'done' });
    expect(await way.execute(cancel(asked))).toEqual({ kind: 'done', reference: 'nothing-booked' });
    expect(await way.execute(effectFor(BookShipment, asked))).not.toEqual(booked);
    const done = sandbox.done('carrier').filter(({ subject }) => subject === asked.shipmentId);
    expect(done.map(({ action }) => action)).toEqual(['ship', 'cancel-shipment', 'ship']);
  });

  it('has nothing to call off when nothing was booked', async () => {
    const before = sandbox.done('carrier').length;
    expect(await open('carrier').execute(cancel(shipment()))).toEqual({ kind: 'done', reference: 'nothing-booked' });
    expect(sandbox.done('carrier')).toHaveLength(before);
  });

  it.each([
    [400, { kind: 'refused', code: 'CARRIER_FAILED', detail: 'Carrier API timeout' }],
    [504, { kind: 'unknown', code: 'PROVIDER_FAILED', detail: 'Carrier API timeout' }],
  ])('is told of in its own words when it answers %p', async (failStatus, result) => {
    const asked = shipment();
    const fate = { failNext: 1, failStatus, failMessage: 'Carrier API timeout' };
    await sandbox.put('/sandbox/behaviour', { action: 'carrier/ship', match: asked.shipmentId, ...fate });
    expect(await open('carrier').execute(effectFor(BookShipment, asked))).toEqual(result);
  });
});

describe('the account API', () => {
  const close = ({ customerId }: ProvisionAccount) => effectFor(DeprovisionAccount, { customerId, reason: 'spec' });

  it('closes a workspace, and has nothing to close when there is none', async () => {
    const way = open('accounts');
    const asked = customer();
    expect(await way.execute(close(asked))).toEqual({ kind: 'done', reference: 'nothing-provisioned' });
    const made = await way.execute(effectFor(ProvisionAccount, asked));
    expect(await way.probe(close(asked))).toMatchObject({ kind: 'not-done' });
    expect(await way.execute(close(asked))).toEqual(made);
    expect(await way.probe(close(asked))).toMatchObject({ kind: 'done' });
    const done = sandbox.done('accounts').filter(({ subject }) => subject === asked.customerId);
    expect(done.map(({ action }) => action)).toEqual(['provision', 'deprovision']);
  });

  it('is never led to another path by a customer id', async () => {
    const asked = { ...customer(), customerId: '../admin' };
    expect(await open('accounts').execute(effectFor(ProvisionAccount, asked))).toMatchObject({
      ...{ kind: 'refused', code: 'CUSTOMER_ID_INVALID' },
    });
  });
});

describe('the second gateway', () => {
  it('sends parts of its own charge back, never more than it took', async () => {
    const way = open('gateway');
    const asked = charge();
    await way.execute(effectFor(ChargeAtAlternateGateway, asked));
    const part = (amountMinor: number) =>
      effectFor(RefundAtAlternateGateway, refund({ chargeRef: asked.chargeRef, amountMinor }));
    expect(await way.execute(part(300))).toMatchObject({ kind: 'done', reference: expect.stringMatching(/^act_/) });
    expect(await way.execute(part(400))).toMatchObject({ kind: 'done' });
    expect(await way.execute(part(1))).toMatchObject({ kind: 'refused', code: 'refund_amount_exceeds_balance' });
    const parts = sandbox.done('gateway').filter(({ action, group }) => action === 'refund' && group !== undefined);
    expect(parts.slice(-2).map(({ body }) => body['amount'])).toEqual([300, 400]);
    const again = await way.execute(effectFor(ChargeAtAlternateGateway, asked));
    expect(again).toMatchObject({ kind: 'done' });
    expect(sandbox.done('gateway').at(-1)).toMatchObject({ action: 'charge', subject: asked.chargeRef });
  });

  it('sends money back for a charge of another gateway to what the owner has stored', async () => {
    const asked = refund({ paymentId: 'pi_of_stripe' });
    const result = await open('gateway').execute(effectFor(RefundAtAlternateGateway, asked));
    expect(result).toMatchObject({ kind: 'done', reference: expect.stringMatching(/^pay_/) });
    expect(sandbox.done('gateway').at(-1)?.body).toMatchObject({
      ...{ payment_type: 'UnreferencedRefund', destination: { type: 'id', id: `src_${asked.accountId}` } },
    });
  });

  it('refuses an owner who has nothing stored, and tells why a payment was declined', async () => {
    const way = open('gateway');
    const nowhere = effectFor(RefundAtAlternateGateway, refund({ accountId: 'cus_nocard' }));
    expect(await way.execute(nowhere)).toMatchObject({ kind: 'refused', code: 'NO_PAYMENT_METHOD' });
    const declined = effectFor(ChargeAtAlternateGateway, charge({ paymentMethodId: 'src_declined' }));
    expect(await way.execute(declined)).toMatchObject({ kind: 'refused', code: '20051', detail: 'Insufficient Funds' });
  });
});

describe('the CRM', () => {
  it('has one contact of an address, as it was told of last', async () => {
    const way = open('crm');
    const asked = contact();
    const first = await way.execute(effectFor(UpsertContact, asked));
    expect(await way.execute(effectFor(UpsertContact, { ...asked, stage: 'customer' }))).toEqual(first);
    expect(sandbox.done('crm').at(-1)?.body).toMatchObject({
      ...{ lifecyclestage: 'customer', firstname: 'Ada', lastname: 'King Byron', towpath_lead_score: '71' },
    });
  });
});
