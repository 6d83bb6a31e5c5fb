import { randomBytes } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { all } from '@towpath/contracts/catalogue';
import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import type { EventStore } from '@towpath/event-store/types';
import { openVault, type Vault } from '@towpath/event-store/vault';
import { foldsOf } from '@towpath/service-kit/folds';
import { handlerTable } from '@towpath/service-kit/handler-table';
import { Metrics } from '@towpath/service-kit/metrics';
import { PipelineMetrics } from '@towpath/service-kit/pipeline/pipeline-metrics';
import { createLogger } from '@towpath/service-kit/logger';
import { GroupProcessor } from '@towpath/service-kit/pipeline/group-processor';
import type { Item } from '@towpath/service-kit/pipeline/item';
import { FraudService, message } from './fraud-service.fixture.js';
import { aggregates, handlers, projections } from './fraud.module.js';
import { aCharge, NOON } from './payment-facts.fixture.js';

let database: SpecDatabase;
let store: EventStore;
let vault: Vault;
/** Roles belong to the cluster, so the spec's fraud service has a name of its own. */
const schema = `f${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  database = await createSpecDatabase();
  const contracts = all().map((one) => ({ ...one, producers: one.producers.includes('fraud') ? [schema] : [] }));
  const passwords = { [`${schema}_service`]: 'spec' };
  await setupDatabase({ adminUrl: database.adminUrl, services: [schema], contracts, passwords, slot: null });
  store = openStore({ url: database.urlOf(`${schema}_service`), schema });
  vault = await openVault({ url: database.urlOf(`${schema}_service`) });
}, 120_000);

afterAll(async () => {
  await store?.close();
  await vault?.close();
  await database?.drop();
});

const table = handlerTable('fraud', handlers as readonly Type[], (handler) => new handler());

function processor(): GroupProcessor {
  return new GroupProcessor({
    ...{ service: schema, store, vault, folds: foldsOf({ aggregates, projections }) },
    metrics: new PipelineMetrics(new Metrics('fraud')),
    logger: createLogger('fraud', 'error').logger,
    onTimer: () => undefined,
    now: () => new Date(NOON),
  });
}

function itemOf(data: ChargeSucceeded): Item {
  const id = `charge-${data.paymentId}`;
  const time = new Date();
  const story = { correlationId: id, causationId: null, hops: 0, path: [], traceparent: null };
  const source = '/services/triage';
  return {
    message: { id, type: ChargeSucceeded.type, data, subject: data.paymentId, source, time, ...story },
    handler: table.get(ChargeSucceeded.type)!,
    orderKey: data.paymentId,
    inbox: { id, fingerprint: randomBytes(32) },
    attempts: 0,
  };
}

describe('fraud on Postgres', () => {
  it('decides a burst as it does in memory, keeps the same rows, and decides no repeat again', async () => {
    const charges = Array.from({ length: 12 }, (_, index) =>
      aCharge({ paymentId: `pi_${index}`, chargedAt: NOON + index * 1_000, connectedAccountId: 'acct_1' }),
    );
    const memory = new FraudService();
    for (const one of charges) memory.group(message(ChargeSucceeded, one));
    const pipeline = processor();

    await pipeline.process(charges.slice(0, 5).map(itemOf));
    await pipeline.process(charges.map(itemOf));
    await pipeline.process(charges.map(itemOf));

    const streams = charges.map(({ paymentId }) => `fraud-case-${paymentId}`);
    const stored = [...(await store.readStreams([...streams, 'account-cus_1'])).values()].flat();
    for (const { type } of [PaymentApproved, PaymentHeldForReview, PaymentBlocked, AccountFrozen]) {
      const dataOf = (events: readonly { type: string; data: unknown }[]): unknown[] =>
        events.filter((event) => event.type === type).map(({ data }) => data);
      expect(dataOf(stored)).toEqual(dataOf(memory.appended));
    }
    for (const projection of projections) {
      const kept = await store.query<{ key: string; state: unknown }>(
        'spec_rows',
        'select key, state from projections where name = $1',
        [projection.name],
      );
      expect(new Map(kept.map(({ key, state }) => [key, state]))).toEqual(memory.rowsOf(projection));
    }
  });

  it('lets two replicas that decide payments of one account at once agree', async () => {
    const charges = Array.from({ length: 24 }, (_, index) => {
      const who = { accountId: 'cus_2', customerId: 'cus_2', cardFingerprint: 'card_2', ipHash: 'ip_2' };
      return aCharge({ paymentId: `pi_two_${index}`, ...who, chargedAt: NOON + index * 1_000 });
    });
    const replicas = [processor(), processor()];

    await Promise.all(
      replicas.map(async (replica, side) => {
        for (const one of charges.filter((_, index) => index % 2 === side)) await replica.process([itemOf(one)]);
      }),
    );

    const streams = charges.map(({ paymentId }) => `fraud-case-${paymentId}`);
    const cases = [...(await store.readStreams(streams)).values()];
    const decisions = [PaymentApproved, PaymentHeldForReview, PaymentBlocked].map(({ type }) => type as string);
    for (const events of cases) expect(events.filter(({ type }) => decisions.includes(type))).toHaveLength(1);
    const frozen = (await store.read('account-cus_2')).filter(({ type }) => type === AccountFrozen.type);
    expect(frozen).toHaveLength(1);
  });
});
