import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { DeadLetterRedriven } from '@towpath/contracts/platform/DeadLetterRedriven.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { KafkaGroups } from '@towpath/kafka/groups';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { brokers, silent, until } from '@towpath/kafka/testing/broker-fixture';
import { createSpecService, type SpecReplica, type SpecService } from './consuming.fixture.js';
import { Handles } from './handles.js';
import { emit, type Received } from './message.js';
import { Permanent } from './permanent.js';
import { AlsoAtOnce, AtOnce, REACTIONS, taking } from './reaction-replica.fixture.js';
import { reaction } from './reactions/reaction.js';

type Deployed = Received<typeof DeployCompleted>;

let mended = false;

/** Fails for good until it is mended. */
@Handles(DeployCompleted, { emits: [AlertTriggered], strict: true })
class Failing {
  handle({ data }: Deployed) {
    if (!mended) throw new Permanent('SPEC_BROKEN', 'on purpose');
    const alert = { alertId: data.deployId, severity: '', summary: '', alertedService: null, triggeredAt: 0 };
    return [emit(AlertTriggered, { ...alert, name: 'failing' })];
  }
}

let producer: Producer;
const services: SpecService[] = [];
const children: ChildProcess[] = [];
beforeAll(async () => {
  producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
}, 60_000);
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(services.map((service) => service.close()));
  await producer?.close();
});

async function serviceOf(...parts: Parameters<typeof createSpecService>): Promise<SpecService> {
  const service = await createSpecService(...parts);
  services.push(service);
  return service;
}

const deploy = (service: SpecService, deployId: string) =>
  producer.send([
    service.record(DeployCompleted, `id-${deployId}`, {
      ...{ deployId, deployedService: 's', version: '1', environment: '', status: 'ok', completedAt: 0 },
    }),
  ]);

/** Who has reacted to a deployment, in the order in which they did. */
async function reactedTo(service: SpecService, deployId: string): Promise<string[]> {
  const events = await service.events();
  const own = events.filter(({ type, data }) => type === AlertTriggered.type && data['alertId'] === deployId);
  return own.map(({ data }) => String(data['name']));
}

const reacted = (service: SpecService, deployId: string, names: readonly string[]) =>
  until(
    `${names.join(', ')} to react to ${deployId}`,
    async () => {
      const found = await reactedTo(service, deployId);
      return names.every((name) => found.includes(name));
    },
    30_000,
  );

describe('reactions of a service', () => {
  it('of 0.5, 1, 0.3 and 0.2 s are all done 1.3 s after the event, which one after the other take 2.0 s', async () => {
    const times = { mail: 500, provisioning: 1_000, crm: 300, sales: 200 };
    const reactions = Object.entries(times).map(([name, ms]) => reaction(name, taking(ms, name)));
    const service = await serviceOf('lending', { handlers: [], reactions });
    await service.start();
    await deploy(service, 'warm');
    await reacted(service, 'warm', Object.keys(times));
    const began = performance.now();
    await deploy(service, 'timed');
    await reacted(service, 'timed', Object.keys(times));
    const tookMs = performance.now() - began;
    expect(Object.values(times).reduce((sum, ms) => sum + ms)).toBe(2_000);
    expect(tookMs).toBeLessThanOrEqual(1_300);
    expect(await reactedTo(service, 'timed')).toEqual(['sales', 'crm', 'mail', 'provisioning']);
  }, 60_000);

  it('wait for nobody: while one of 5 s has not done its first, another has done fifty of the same key', async () => {
    const reactions = [reaction('slow', taking(5_000, 'slow')), reaction('quick', AtOnce)];
    const service = await serviceOf('console', { handlers: [], reactions });
    await service.start();
    const ids = Array.from({ length: 50 }, (_, place) => `many-${place}`);
    for (const id of ids) await deploy(service, id);
    await until('the quick one to be done', async () => {
      return (await Promise.all(ids.map((id) => reactedTo(service, id)))).every((names) => names.includes('at-once'));
    });
    expect((await Promise.all(ids.map((id) => reactedTo(service, id)))).flat()).not.toContain('slow');
  }, 60_000);

  it('fail by themselves: a dead letter that stops one goes on there when it is redriven, and the others saw nothing', async () => {
    const reactions = [reaction('fine', AtOnce), reaction('broken', Failing)];
    const service = await serviceOf('support', { handlers: [], reactions });
    await service.start();
    await deploy(service, 'one');
    await deploy(service, 'one-more');
    await reacted(service, 'one', ['at-once']);
    await reacted(service, 'one-more', ['at-once']);
    const letters = async () => (await service.events()).filter(({ type }) => type === DeadLettered.type);
    await until('both dead letters', async () => (await letters()).length === 2, 30_000);
    mended = true;
    const letter = (await letters()).find(({ data }) => data['originEventId'] === 'id-one');
    const deadLetterId = String(letter!.data['deadLetterId']);
    const command = { deadLetterId, service: 'support', edited: null, actor: 'spec', reason: 'mended' };
    await producer.send([service.record(RedriveDeadLetter, 'redrive', command)]);
    await reacted(service, 'one', ['failing']);
    const events = await service.events();
    expect(events.filter(({ type }) => type === DeadLetterRedriven.type)).toHaveLength(1);
    expect(await reactedTo(service, 'one')).toEqual(['at-once', 'failing']);
    // No group takes the command for one about a dead letter that there is not.
    await delay(200);
    expect(await letters()).toHaveLength(2);
  }, 60_000);

  it('go on where they were after a kill, each from its own offset, and the others go on meanwhile', async () => {
    const service = await serviceOf('egress', { handlers: [], reactions: REACTIONS });
    const others: SpecReplica = await service.start(['egress', 'egress.at-once']);
    const run = () => {
      const program = join(import.meta.dirname, '../dist/reaction-replica.fixture.js');
      const SPEC_PLACE = JSON.stringify(service.place);
      const env = { ...process.env, NODE_OPTIONS: '', SPEC_PLACE, SPEC_RUNS: 'egress.also-at-once' };
      const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      children.push(child);
      return child;
    };
    const first = run();
    await deploy(service, 'before');
    await reacted(service, 'before', ['at-once', 'also-at-once']);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const missed = Array.from({ length: 20 }, (_, place) => `missed-${place}`);
    for (const id of missed) await deploy(service, id);
    for (const id of missed) await reacted(service, id, ['at-once']);
    expect((await Promise.all(missed.map((id) => reactedTo(service, id)))).flat()).toEqual(missed.map(() => 'at-once'));
    run();
    for (const id of missed) await reacted(service, id, ['also-at-once']);
    for (const id of ['before', ...missed]) {
      expect([...(await reactedTo(service, id))].sort()).toEqual(['also-at-once', 'at-once']);
    }
    await others.stop();
    const groups = await KafkaGroups.connect({ brokers: brokers(), clientId: 'spec', logger: silent });
    const committed = (await groups.places('egress.at-once', service.topic)).map((place) => place.committed);
    await groups.close();
    expect(committed.reduce((sum, offset) => sum + Number(offset ?? 0), 0)).toBe(1 + missed.length);
  }, 90_000);

  it('are added without touching what is there: a new one reads from the beginning, the others do nothing again', async () => {
    const before = await serviceOf('saga-orchestrator', { handlers: [], reactions: [reaction('first', AtOnce)] });
    const running = await before.start();
    await deploy(before, 'early');
    await reacted(before, 'early', ['at-once']);
    await running.stop();
    const count = (await before.events()).length;
    const more = [reaction('first', AtOnce), reaction('fifth', AlsoAtOnce)];
    await before.startWith({ handlers: [], reactions: more });
    await reacted(before, 'early', ['also-at-once']);
    expect(await before.events()).toHaveLength(count + 1);
  }, 60_000);
});
