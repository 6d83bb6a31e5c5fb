import { randomBytes } from 'node:crypto';
import { all } from '@towpath/contracts/catalogue';
import type { Contract } from '@towpath/contracts/contract';
import { keyOf } from '@towpath/contracts/contract';
import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import { CrmUpdated } from '@towpath/contracts/growth/CrmUpdated.v1';
import { LeadAssigned } from '@towpath/contracts/growth/LeadAssigned.v1';
import { LeadWaiting } from '@towpath/contracts/growth/LeadWaiting.v1';
import { OnboardingCompleted } from '@towpath/contracts/growth/OnboardingCompleted.v1';
import { ProvisioningCompleted } from '@towpath/contracts/growth/ProvisioningCompleted.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { openStore } from '@towpath/event-store/pool';
import { setupDatabase } from '@towpath/event-store/setup';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { EventStore } from '@towpath/event-store/types';
import { openVault, type Vault } from '@towpath/event-store/vault';
import { foldsOf } from '@towpath/service-kit/folds';
import { handlerEntries } from '@towpath/service-kit/handles';
import { createLogger } from '@towpath/service-kit/logger';
import { Metrics } from '@towpath/service-kit/metrics';
import { doWork } from '@towpath/service-kit/pipeline/do-work';
import { GroupProcessor } from '@towpath/service-kit/pipeline/group-processor';
import { GroupQueue } from '@towpath/service-kit/pipeline/group-queue';
import type { BoundHandler, Item } from '@towpath/service-kit/pipeline/item';
import { PipelineMetrics } from '@towpath/service-kit/pipeline/pipeline-metrics';
import { growthConfig } from './config.js';
import { Contacts } from './contacts.js';
import { aggregates, projections } from './growth.module.js';
import { QualifyForm } from './leads/qualify-form.handler.js';
import { SalesDesk } from './leads/sales-desk.js';
import { NoteOnboardingStep } from './onboarding/note-onboarding-step.handler.js';
import { SendSetupCompleteMail } from './onboarding/send-setup-complete-mail.handler.js';
import { StartOnboarding } from './onboarding/start-onboarding.handler.js';
import { aForm, aSignUp } from './people.fixture.js';

const PAIRS = 1_000;

let database: SpecDatabase;
let store: EventStore;
let vault: Vault;
/** Roles belong to the cluster, so the spec's service has a name of its own. */
const schema = `g${randomBytes(4).toString('hex')}`;
const config = growthConfig.parse({});

beforeAll(async () => {
  database = await createSpecDatabase();
  const contracts = all().map((one) => ({ ...one, producers: one.producers.includes('growth') ? [schema] : [] }));
  const passwords = { [`${schema}_service`]: 'spec' };
  await setupDatabase({ adminUrl: database.adminUrl, services: [schema], contracts, passwords, slot: null });
  store = openStore({ url: database.urlOf(`${schema}_service`), schema, poolSize: 8 });
  vault = await openVault({ url: database.urlOf(`${schema}_service`) });
}, 120_000);

afterAll(async () => {
  await store?.close();
  await vault?.close();
  await database?.drop();
});

/** A replica of the coordinator: what another decides at the same time it learns from the store alone. */
function replica(consumer: string): { readonly processor: GroupProcessor; readonly queue: GroupQueue } {
  const processor = new GroupProcessor({
    ...{ service: schema, consumer, store, vault, folds: foldsOf({ aggregates, projections }) },
    metrics: new PipelineMetrics(new Metrics('growth')),
    logger: createLogger('growth', 'fatal').logger,
    onTimer: () => undefined,
  });
  return { processor, queue: new GroupQueue(processor) };
}

function bound(handler: object, contract: Contract): BoundHandler {
  const entry = handlerEntries(handler.constructor).find((one) => one.contract === contract)!;
  return { ...entry, instance: handler as BoundHandler['instance'] };
}

function itemOf(handler: object, contract: Contract, data: object, id = randomBytes(8).toString('hex')): Item {
  const story = { correlationId: id, causationId: null, hops: 0, path: [], traceparent: null };
  const message = {
    id,
    type: contract.type,
    data,
    subject: keyOf(contract, data),
    source: '/services/x',
    time: new Date(),
  };
  const inbox = { id, fingerprint: Buffer.from(id) };
  return {
    message: { ...message, ...story },
    handler: bound(handler, contract),
    orderKey: message.subject,
    inbox,
    attempts: 0,
  };
}

const counted = async (contract: Contract) => {
  const rows = await store.query<{ count: string }>('count', `select count(*) from ${schema}.events where type = $1`, [
    contract.type,
  ]);
  return Number(rows[0]!.count);
};

describe('onboarding on Postgres', () => {
  it(`completes ${PAIRS} onboardings once each when both last steps arrive at once at two replicas, with one mail each`, async () => {
    const [one, other] = [replica('growth.complete-onboarding'), replica('growth.complete-onboarding')];
    const start = new StartOnboarding(config);
    const note = new NoteOnboardingStep();
    const ids = Array.from({ length: PAIRS }, (_, place) => `contact_${place}`);
    await one.queue.process(ids.map((customerId) => itemOf(start, CustomerSignedUp, aSignUp({ customerId }))));
    await Promise.all(
      ids.flatMap((customerId, place) => {
        const about = { customerId, effectId: 'e' };
        const provisioned = itemOf(note, ProvisioningCompleted, { ...about, workspaceId: 'w', completedAt: 0 });
        const updated = itemOf(note, CrmUpdated, { ...about, crmContactId: 'c', updatedAt: 0 });
        const [first, second] = place % 2 === 0 ? [one, other] : [other, one];
        return [first.queue.process([provisioned]), second.queue.process([updated])];
      }),
    );
    expect(await counted(OnboardingCompleted)).toBe(PAIRS);

    // Each completion reaches both replicas, as it does when one of them is taken for dead.
    const mail = new SendSetupCompleteMail(new Contacts(store, vault), config);
    const completed = await store.query<{ id: string; data: OnboardingCompleted }>(
      'completed',
      `select id::text, data from ${schema}.events where type = $1`,
      [OnboardingCompleted.type],
    );
    await Promise.all(
      completed.flatMap(({ id, data }) =>
        [one, other].map(async ({ processor, queue }) => {
          const item = itemOf(mail, OnboardingCompleted, data, id);
          await queue.process([await doWork(item, await processor.stateFor(item), new AbortController().signal)]);
        }),
      ),
    );
    const mails = await store.query<{ stream: string }>(
      'mails',
      `select stream from ${schema}.events where type = $1`,
      [SendMail.type],
    );
    expect(mails).toHaveLength(PAIRS);
    expect(new Set(mails.map(({ stream }) => stream)).size).toBe(PAIRS);
  }, 240_000);
});

describe('leads on Postgres', () => {
  it('give no rep more than they take when two replicas give out the last places at once', async () => {
    const desk = new SalesDesk(config);
    const qualify = new QualifyForm(desk);
    const replicas = [replica('growth.qualify-leads'), replica('growth.qualify-leads')];
    const leads = Array.from({ length: 60 }, (_, place) =>
      aForm({ contactId: `lead_${place}`, submissionId: `form_${place}`, country: 'DE' }),
    );
    await Promise.all(
      leads.map((lead, place) => replicas[place % 2]!.queue.process([itemOf(qualify, FormCompleted, lead)])),
    );
    const places = desk.team.reps.filter(({ territories }) => territories.includes('dach'));
    const capacity = places.reduce((sum, rep) => sum + rep.capacity, 0);
    const assigned = await store.query<{ rep: string; count: string; most: string }>(
      'assigned',
      `select data ->> 'rep' as rep, count(*), max((data ->> 'load')::int) as most from ${schema}.events where type = $1 group by 1`,
      [LeadAssigned.type],
    );
    for (const { rep, count, most } of assigned) {
      expect([rep, Number(count), Number(most)]).toEqual([rep, 20, 20]);
    }
    expect(assigned.reduce((sum, { count }) => sum + Number(count), 0)).toBe(capacity);
    expect(await counted(LeadWaiting)).toBe(leads.length - capacity);
  }, 120_000);
});
