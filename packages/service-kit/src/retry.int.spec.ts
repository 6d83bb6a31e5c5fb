import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { DiscardDeadLetter } from '@towpath/contracts/platform/DiscardDeadLetter.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { openInspector } from '@towpath/event-store/inspect';
import { waitingMessages } from '@towpath/event-store/waiting';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { brokers, silent, until } from '@towpath/kafka/testing/broker-fixture';
import { createSpecService, type SpecService } from './consuming.fixture.js';
import { Handles } from './handles.js';
import { emit, type Emission, type Received } from './message.js';
import { Permanent } from './permanent.js';

/** Decisions that fail, by the text of the message: how often, or for good. */
const failing = new Map<string, number | 'permanently'>();

function decided(text: string, late: boolean): Emission<typeof AlertTriggered> {
  const left = failing.get(text) ?? 0;
  if (left === 'permanently') throw new Permanent('NOT_POSSIBLE', 'not before it is repaired');
  if (left > 0) {
    failing.set(text, left - 1);
    throw new TypeError(`not yet: ${text}`);
  }
  const alert = { alertId: text, name: late ? 'late' : 'in time', severity: 'info', summary: '', alertedService: null };
  return emit(AlertTriggered, { ...alert, triggeredAt: 0 });
}

@Handles(PaymentCanceled, { emits: [AlertTriggered], retry: { baseMs: 50 } })
class Lenient {
  handle({ data, late }: Received<typeof PaymentCanceled>) {
    return [decided(data.reason ?? '', late === true)];
  }
}

@Handles(DeployCompleted, { emits: [AlertTriggered], strict: true, retry: { retries: 1, baseMs: 20 } })
class Strict {
  handle({ data, late }: Received<typeof DeployCompleted>) {
    return [decided(data.version, late === true)];
  }
}

let service: SpecService;
let producer: Producer;
let replica: Awaited<ReturnType<SpecService['start']>>;
beforeAll(async () => {
  service = await createSpecService('fraud', { handlers: [Lenient, Strict] });
  producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
  replica = await service.start();
}, 120_000);
afterAll(async () => {
  await producer?.close();
  await service?.close();
});

const cancel = (key: string, text: string, id = `id-${text}`) =>
  service.record(PaymentCanceled, id, { paymentId: key, reason: text, canceledAt: 0 });
const deploy = (key: string, text: string) =>
  service.record(DeployCompleted, `id-${text}`, {
    ...{ deployId: key, deployedService: 's', environment: 'e', version: text, status: 'ok', completedAt: 0 },
  });
/** Texts of what was decided, in order. */
async function decisions(prefix: string): Promise<string[]> {
  const events = await service.events();
  const alerts = events.filter(({ type }) => type === AlertTriggered.type).map(({ data }) => String(data['alertId']));
  return alerts.filter((text) => text.startsWith(prefix));
}
const lettersOf = async (handler: string) =>
  (await service.events()).filter(({ type, data }) => type === DeadLettered.type && data['handler'] === handler);
async function waiting() {
  const inspector = openInspector({ url: service.database.urlAs('towpath_reader') });
  try {
    return await waitingMessages(inspector, { service: service.schema, limit: 100 });
  } finally {
    await inspector.close();
  }
}

describe('a handler that throws', () => {
  it('has its message tried again in its key’s order, while other keys go on and the consumer stays', async () => {
    failing.set('r-a1', 2);
    const startedAt = performance.now();
    await producer.send([cancel('r-a', 'r-a1'), cancel('r-a', 'r-a2'), cancel('r-b', 'r-b1')]);
    await producer.send([cancel('r-a', 'r-a3'), cancel('r-b', 'r-b2'), cancel('r-a', 'r-a1')]);
    await until('the neighbours', async () => (await decisions('r-b')).length === 2, 5_000);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await until('the key itself', async () => (await decisions('r-a')).length === 3);
    expect(await decisions('r-a')).toEqual(['r-a1', 'r-a2', 'r-a3']);
    const retries = service.lines.filter(({ msg, event_id: id }) => id === 'id-r-a1' && msg.startsWith('retry'));
    expect(retries.map(({ msg, correlation_id: story }) => [msg.replace(/\d\.\d s/, 'x s'), story])).toEqual([
      ['retry 1/3 in x s: HANDLER_FAILED', 'story-id-r-a1'],
      ['retry 2/3 in x s: HANDLER_FAILED', 'story-id-r-a1'],
    ]);
    expect(await waiting()).toEqual([]);
    expect(service.fatal).toEqual([]);
    expect(service.lines.some(({ msg }) => msg.includes('consumer.') && /crash|restart|rebuilt/.test(msg))).toBe(false);
  }, 60_000);

  it('gives its message up after the last retry, and the key goes on', async () => {
    failing.set('g-1', 99);
    await producer.send([cancel('g', 'g-1'), cancel('g', 'g-2')]);
    await until('the key to go on', async () => (await decisions('g-')).length === 1);
    const [letter] = await lettersOf('Lenient');
    expect(letter!.data).toMatchObject({
      reason: 'HANDLER_FAILED',
      attempts: 4,
      keyHeld: false,
      originEventId: 'id-g-1',
    });
    const { firstFailedAt, lastFailedAt } = letter!.data as { firstFailedAt: number; lastFailedAt: number };
    expect(lastFailedAt).toBeGreaterThan(firstFailedAt);
    await producer.send([
      service.record(RedriveDeadLetter, 'redrive-g', {
        ...{ deadLetterId: String(letter!.data['deadLetterId']), service: service.name, edited: null },
        ...{ actor: 'spec', reason: 'spec' },
      }),
    ]);
    failing.delete('g-1');
    await until('the late one', async () => (await decisions('g-')).length === 2);
    const late = (await service.events()).find(({ data }) => data['alertId'] === 'g-1');
    expect(late!.data['name']).toBe('late');
    expect(late!.metadata['late']).toBe(true);
  }, 60_000);

  it('knows a message that another service decided late', async () => {
    const record = cancel('l', 'l-1');
    await producer.send([{ ...record, headers: { ...record.headers, ce_late: 'true' } }]);
    await until('its decision', async () => (await decisions('l-')).length === 1);
    const event = (await service.events()).find(({ data }) => data['alertId'] === 'l-1');
    expect([event!.data['name'], event!.metadata['late']]).toEqual(['late', true]);
  }, 60_000);

  it('keeps what waits unreadable, and shows its tries, its next and its last error to people', async () => {
    failing.set('canary-4242', 99);
    await producer.send([cancel('c', 'canary-4242', 'id-c')]);
    await until('it to wait', async () => (await waiting()).some(({ orderKey }) => orderKey === 'c'));
    const shown = (await waiting()).find(({ orderKey }) => orderKey === 'c')!;
    expect(shown).toMatchObject({ lane: 'inline', handler: 'Lenient', lastCode: 'HANDLER_FAILED', retries: 3 });
    expect(shown.nextAt).toBeInstanceOf(Date);
    expect(shown.lastPlace).toMatch(/retry\.int\.spec\.ts:\d+$/);
    const rows = await service.database.admin(`select h::text as row from ${service.schema}.held h`);
    const bytes = rows.flatMap(({ row }) => [String(row), Buffer.from(String(row).replace(/[^0-9a-f]/g, ''), 'hex')]);
    expect(bytes.some((text) => text.includes('canary'))).toBe(false);
    expect(service.lines.some(({ msg }) => msg.includes('canary'))).toBe(false);
    const metrics = await replica.metrics.text();
    expect(metrics).toMatch(/towpath_held_messages\{[^}]*lane="inline"[^}]*\} [1-9]/);
    expect(metrics).toMatch(/towpath_held_oldest_seconds\{[^}]*lane="inline"/);
    expect(metrics).toMatch(/towpath_retries_total\{[^}]*handler="Lenient",reason="HANDLER_FAILED"/);
    failing.delete('canary-4242');
    await until('it to be decided', async () => (await decisions('canary')).length === 1);
  }, 60_000);
});

describe('the key of a strict handler', () => {
  async function stopped(key: string): Promise<string> {
    failing.set(`${key}-1`, 'permanently');
    await producer.send([deploy(key, `${key}-1`), deploy(key, `${key}-2`), deploy(key, `${key}-3`)]);
    await until('the key to be stopped', async () => {
      const own = (await waiting()).filter(({ orderKey }) => orderKey === key);
      return own.length === 3 && own[0]!.state === 'stopped';
    });
    failing.delete(`${key}-1`);
    return (await waiting()).find(({ orderKey }) => orderKey === key)!.deadLetterId!;
  }

  it('stays until its dead letter is redriven, and then goes on in order, with nothing late', async () => {
    const deadLetterId = await stopped('s');
    const order = { deadLetterId, service: service.name, edited: null, actor: 'spec', reason: 'spec' };
    await producer.send([service.record(RedriveDeadLetter, 'redrive-s', order)]);
    await until('all of the key', async () => (await decisions('s-')).length === 3);
    expect(await decisions('s-')).toEqual(['s-1', 's-2', 's-3']);
    const names = (await service.events()).filter(({ data }) => String(data['alertId']).startsWith('s-'));
    expect(names.map(({ data }) => data['name'])).toEqual(['in time', 'in time', 'in time']);
  }, 60_000);

  it('keeps its order when the redriven message fails again', async () => {
    const deadLetterId = await stopped('t');
    failing.set('t-1', 1);
    const order = { deadLetterId, service: service.name, edited: null, actor: 'spec', reason: 'spec' };
    await producer.send([service.record(RedriveDeadLetter, 'redrive-t', order)]);
    await until('all of the key', async () => (await decisions('t-')).length === 3);
    expect(await decisions('t-')).toEqual(['t-1', 't-2', 't-3']);
  }, 60_000);

  it('goes on without the message when its dead letter is discarded', async () => {
    const deadLetterId = await stopped('d');
    const order = { deadLetterId, service: service.name, actor: 'spec', reason: 'spec' };
    await producer.send([service.record(DiscardDeadLetter, 'discard-d', order)]);
    await until('the others', async () => (await decisions('d-')).length === 2);
    expect(await decisions('d-')).toEqual(['d-2', 'd-3']);
    expect((await waiting()).filter(({ orderKey }) => orderKey === 'd')).toEqual([]);
  }, 60_000);
});

describe('a message whose worker was killed', () => {
  it('is decided by another within 5 s', async () => {
    failing.set('k-1', 'permanently');
    await producer.send([deploy('k', 'k-1')]);
    await until('it to be at rest', async () => (await waiting())[0]?.state === 'stopped');
    await service.database
      .admin(`update ${service.schema}.held set stopped_by = null, leased_by = 'killed', fence = fence + 1,
      leased_until = clock_timestamp() + interval '4 s' where order_key = 'k'`);
    // Each function that changes what waits tells of it.
    await service.database.admin(`select pg_notify('${service.schema}.held', '')`);
    const startedAt = performance.now();
    failing.delete('k-1');
    expect((await waiting())[0]).toMatchObject({ state: 'running', leasedBy: 'killed' });
    await until('its decision', async () => (await decisions('k-')).length === 1);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  }, 60_000);
});
