import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { ReleasePayouts } from '@towpath/contracts/payments/ReleasePayouts.v1';
import { ResumeCaptures } from '@towpath/contracts/payments/ResumeCaptures.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { RedriveDeadLetter } from '@towpath/contracts/platform/RedriveDeadLetter.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import { openInspector } from '@towpath/event-store/inspect';
import { waitingMessages } from '@towpath/event-store/waiting';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { brokers, silent, until } from '@towpath/kafka/testing/broker-fixture';
import { createSpecService, type Line, type SpecReplica, type SpecService } from './consuming.fixture.js';
import { Handles, type DecisionState, type WorkContext } from './handles.js';
import { emit, type Received } from './message.js';
import { Permanent } from './permanent.js';
import { SlowWork } from './spec-replica.fixture.js';

/** A work as the spec sees it; it goes on when the spec says so. */
interface Begun {
  readonly text: string;
  readonly signal: AbortSignal;
  readonly seen: number;
  readonly firstTry: boolean;
  end(result?: string): void;
  fail(error: Error): void;
}

const begun: Begun[] = [];
const of = (text: string) => begun.filter((work) => work.text === text);
const firstTries = (text: string) => of(text).map(({ firstTry }) => firstTry);

const alerts = aggregate<number>({
  stream: 'alert',
  initial: 0,
  evolve: (count, event) => (isOf(AlertTriggered, event) ? count + 1 : count),
});

function alert(alertId: string, name: string) {
  return emit(AlertTriggered, { alertId, name, severity: '', summary: '', alertedService: null, triggeredAt: 0 });
}

function work(text: string, { signal, state, firstTry }: WorkContext, key: string): Promise<string> {
  return new Promise((resolve, reject) => {
    begun.push({
      text,
      signal,
      firstTry,
      seen: state.of(alerts, key),
      end: (result = 'done') => resolve(result),
      fail: reject,
    });
  });
}

@Handles(PaymentCanceled, {
  ...{ mode: 'queued', emits: [AlertTriggered], concurrency: 2 },
  retry: { retries: 1, baseMs: 20 },
})
class Queued {
  reads({ data }: Received<typeof PaymentCanceled>) {
    return { streams: [alerts.of(data.paymentId)] };
  }
  work({ data }: Received<typeof PaymentCanceled>, context: WorkContext) {
    return work(data.reason ?? '', context, data.paymentId);
  }
  handle({ data, late }: Received<typeof PaymentCanceled>, state: DecisionState, result: unknown) {
    const name = `${data.reason} ${String(result)} ${state.of(alerts, data.paymentId)}${late ? ' late' : ''}`;
    return [alert(data.paymentId, name)];
  }
}

@Handles(DeployCompleted, { mode: 'queued', emits: [AlertTriggered], strict: true, retry: { retries: 0 } })
class StrictlyQueued {
  reads({ data }: Received<typeof DeployCompleted>) {
    return { streams: [alerts.of(data.deployId)] };
  }
  work({ data }: Received<typeof DeployCompleted>, context: WorkContext) {
    return work(data.version, context, data.deployId);
  }
  handle({ data, late }: Received<typeof DeployCompleted>, _state: DecisionState, result: unknown) {
    return [alert(data.deployId, `${data.version} ${String(result)}${late ? ' late' : ''}`)];
  }
}

@Handles(ReleasePayouts, {
  ...{ mode: 'queued', emits: [AlertTriggered], timeoutMs: 300 },
  retry: { retries: 1, baseMs: 20 },
})
class Hasty {
  reads({ data }: Received<typeof ReleasePayouts>) {
    return { streams: [alerts.of(data.accountId)] };
  }
  work({ data }: Received<typeof ReleasePayouts>, context: WorkContext) {
    return work(data.reason, context, data.accountId);
  }
  handle({ data }: Received<typeof ReleasePayouts>) {
    return [alert(data.accountId, data.reason)];
  }
}

@Handles(ResumeCaptures, { emits: [AlertTriggered] })
class Inline {
  handle({ data }: Received<typeof ResumeCaptures>) {
    return [alert(data.accountId, 'inline')];
  }
}

let service: SpecService;
let producer: Producer;
let replica: SpecReplica;
beforeAll(async () => {
  service = await createSpecService('triage', {
    handlers: [Queued, StrictlyQueued, Hasty, Inline],
    aggregates: [alerts],
  });
  producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
  replica = await service.start();
}, 120_000);
afterAll(async () => {
  await producer?.close();
  await service?.close();
});

const cancel = (key: string, text: string, id = `id-${text}`) =>
  service.record(PaymentCanceled, id, { paymentId: key, reason: text, canceledAt: 0 });
const deployed = { deployedService: 's', status: 'ok', completedAt: 0 };
const deploy = (key: string, version: string) =>
  service.record(DeployCompleted, `id-${version}`, { deployId: key, version, environment: '', ...deployed });
const release = (accountId: string, reason: string) =>
  service.record(ReleasePayouts, `id-${reason}`, { accountId, connectedAccountId: '', reason });
const inline = (accountId: string) =>
  service.record(ResumeCaptures, `id-inline-${accountId}`, { accountId, reason: '' });
/** Names of what was decided of a key, in order. */
async function decisions(key: string, from = service): Promise<string[]> {
  const events = await from.events();
  const own = events.filter(({ type, data }) => type === AlertTriggered.type && data['alertId'] === key);
  return own.map(({ data }) => String(data['name']));
}
const letterOf = async (id: string) =>
  (await service.events()).find(({ type, data }) => type === DeadLettered.type && data['originEventId'] === id)?.data;
const beginning = (text: string, times = 1) =>
  until(`${text} to begin`, () => of(text).length >= times).then(() => of(text).at(-1)!);
async function waiting(from = service) {
  const inspector = openInspector({ url: from.database.urlAs('towpath_reader') });
  try {
    return await waitingMessages(inspector, { service: from.schema, limit: 100 });
  } finally {
    await inspector.close();
  }
}
const linesOf = (id: string) => service.lines.filter(({ event_id }) => event_id === id).map(({ msg }) => msg);

describe('a queued handler', () => {
  it('decides with what its work gave, in the story of its message, as an inline one does', async () => {
    await producer.send([cancel('plain', 'plain-1')]);
    (await beginning('plain-1')).end('weighed');
    await until('the decision', async () => (await decisions('plain')).length === 1);
    expect(await decisions('plain')).toEqual(['plain-1 weighed 0']);
    const event = (await service.events()).find(({ data }) => data['alertId'] === 'plain');
    expect(event!.metadata).toMatchObject({
      ...{ correlationId: 'story-id-plain-1', causationId: 'id-plain-1', hops: 2, handler: 'Queued' },
      path: [expect.stringMatching(/^Queued@/)],
    });
    expect(await waiting()).toEqual([]);
  }, 60_000);

  it('does not see a repeat again', async () => {
    await producer.send([cancel('plain', 'plain-1'), cancel('plain', 'plain-2')]);
    (await beginning('plain-2')).end();
    await until('the next', async () => (await decisions('plain')).length === 2);
    expect(of('plain-1')).toHaveLength(1);
  }, 60_000);

  it('decides on what is so after its work, not on what was before it', async () => {
    await producer.send([cancel('moved', 'moved-1')]);
    const one = await beginning('moved-1');
    expect(one.seen).toBe(0);
    await producer.send([inline('moved')]);
    await until('the other decision', async () => (await decisions('moved')).length === 1);
    one.end();
    await until('its own', async () => (await decisions('moved')).length === 2);
    expect(await decisions('moved')).toEqual(['inline', 'moved-1 done 1']);
  }, 60_000);

  it('works at most as much at once as it allows, and of each key one after the other, oldest first', async () => {
    const texts = ['a1', 'a2', 'b1', 'a3', 'c1', 'c2'].map((text) => `o-${text}`);
    await producer.send(texts.map((text) => cancel(text.slice(0, 3), text)));
    let most = 0;
    const done: string[] = [];
    const open = () =>
      begun.filter(({ text, signal }) => texts.includes(text) && !done.includes(text) && !signal.aborted);
    while (done.length < texts.length) {
      await until('a work', () => open().length > 0);
      await delay(30);
      most = Math.max(most, open().length);
      const keys = open().map(({ text }) => text.slice(0, 3));
      expect(new Set(keys).size).toBe(keys.length);
      const [first] = open();
      done.push(first!.text);
      first!.end();
    }
    expect(most).toBe(2);
    await until('all decisions', async () => {
      const counts = await Promise.all(['o-a', 'o-b', 'o-c'].map(async (key) => (await decisions(key)).length));
      return counts.join() === '3,1,2';
    });
    expect((await decisions('o-a')).map((name) => name.slice(0, 4))).toEqual(['o-a1', 'o-a2', 'o-a3']);
    expect((await decisions('o-c')).map((name) => name.slice(0, 4))).toEqual(['o-c1', 'o-c2']);
  }, 60_000);

  it('has its work aborted at the time-out and tried again, and given up after the last retry', async () => {
    await producer.send([release('slow', 'slow-1'), release('slow', 'slow-2')]);
    const first = await beginning('slow-1');
    await until('the abort', () => first.signal.aborted);
    expect(first.signal.reason).toMatchObject({ code: 'WORK_TIMEOUT' });
    await beginning('slow-1', 2);
    expect(linesOf('id-slow-1').map((msg) => msg.replace(/\d\.\d s/, 'x s'))).toContain(
      'retry 1/1 in x s: WORK_TIMEOUT',
    );
    (await beginning('slow-2')).end();
    await until('the next of the key', async () => (await decisions('slow')).length === 1);
    expect(await letterOf('id-slow-1')).toMatchObject({ reason: 'WORK_TIMEOUT', attempts: 2, handler: 'Hasty' });
    expect(firstTries('slow-1')).toEqual([true, false]);
  }, 60_000);

  it('has what its work throws treated like what any handler throws', async () => {
    await producer.send([cancel('throws', 'throws-1'), cancel('throws', 'throws-2')]);
    (await beginning('throws-1')).fail(new TypeError('not yet'));
    (await beginning('throws-1', 2)).end();
    (await beginning('throws-2')).fail(new Permanent('NO_SUCH_PAYMENT', 'nobody knows it'));
    await until('the dead letter', async () => (await letterOf('id-throws-2')) !== undefined);
    expect(await letterOf('id-throws-2')).toMatchObject({ reason: 'NO_SUCH_PAYMENT', attempts: 1, keyHeld: false });
    expect(await decisions('throws')).toEqual(['throws-1 done 0']);
    expect(firstTries('throws-1')).toEqual([true, false]);
  }, 60_000);

  it('works again, once, for a redriven dead letter, which is late when its key went on', async () => {
    const letter = (await letterOf('id-throws-2'))!;
    await producer.send([
      redrive(String(letter['deadLetterId']), 'one'),
      redrive(String(letter['deadLetterId']), 'two'),
    ]);
    (await beginning('throws-2', 2)).end();
    await until('it to be decided', async () => (await decisions('throws')).length === 2);
    await until('nothing to wait', async () => (await waiting()).length === 0);
    expect(await decisions('throws')).toEqual(['throws-1 done 0', 'throws-2 done 1 late']);
    expect(firstTries('throws-2')).toEqual([true, false]);
  }, 60_000);

  it('stops its key at a dead letter when it is strict, until that is redriven, and nothing is late', async () => {
    await producer.send([deploy('strict', 'strict-1'), deploy('strict', 'strict-2')]);
    (await beginning('strict-1')).fail(new Error('not yet'));
    await until('the key to stop', async () => (await waiting()).some(({ state }) => state === 'stopped'));
    const [stopped, behind] = await waiting();
    expect([stopped, behind]).toMatchObject([
      { lane: 'queued', state: 'stopped', lastCode: 'HANDLER_FAILED', attempts: 1 },
      { lane: 'queued', state: 'behind' },
    ]);
    await producer.send([redrive(stopped!.deadLetterId!, 'strict')]);
    (await beginning('strict-1', 2)).end();
    (await beginning('strict-2')).end();
    await until('both', async () => (await decisions('strict')).length === 2);
    expect(await decisions('strict')).toEqual(['strict-1 done', 'strict-2 done']);
  }, 60_000);

  it('shows what runs to people and to metrics', async () => {
    await producer.send([deploy('shown', 'shown-1')]);
    const shown = await beginning('shown-1');
    expect(await waiting()).toMatchObject([
      { lane: 'queued', state: 'running', handler: 'StrictlyQueued', orderKey: 'shown' },
    ]);
    const metrics = await replica.metrics.text();
    expect(metrics).toMatch(/towpath_queued_running\{[^}]*handler="StrictlyQueued"[^}]*\} 1/);
    expect(metrics).toMatch(/towpath_queued_running\{[^}]*handler="Queued"[^}]*\} 0/);
    expect(metrics).toMatch(/towpath_held_messages\{[^}]*lane="queued"[^}]*\} 1/);
    shown.end();
    await until('it to end', async () => (await waiting()).length === 0);
  }, 60_000);

  it('disturbs no consumer, however long it works: the group does not move and other messages go on', async () => {
    const joins = () => service.lines.filter(({ msg }) => /has joined the group|[Rr]ebalanc/.test(msg)).length;
    const before = joins();
    expect(before).toBeGreaterThan(0);
    await producer.send([deploy('long', 'long-1')]);
    const long = await beginning('long-1');
    // Session 6 s and rebalance 3 s, with room.
    const end = performance.now() + 12_000;
    for (let n = 0; performance.now() < end; n += 1) {
      const startedAt = performance.now();
      await producer.send([inline(`beside-${n}`)]);
      await until('a neighbour', async () => (await decisions(`beside-${n}`)).length === 1, 3_000);
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      await delay(200);
    }
    expect(long.signal.aborted).toBe(false);
    long.end();
    await until('the long one', async () => (await decisions('long')).length === 1);
    expect(joins()).toBe(before);
    expect(service.fatal).toEqual([]);
    expect(
      service.lines.filter(({ msg }) => /heartbeat|crash|consumer\.(?!started)/i.test(msg)).map(({ msg }) => msg),
    ).toEqual([]);
  }, 60_000);

  it('is aborted at shutdown when it does not end soon, and another replica takes it at once; nothing counts as a failure', async () => {
    const other = await service.start();
    await producer.send([deploy('stop-1', 'stop-1')]);
    const first = await beginning('stop-1');
    // Both look for work; the one to stop is the one that works.
    const works = /towpath_queued_running\{[^}]*handler="StrictlyQueued"[^}]*\} 1/.test(await replica.metrics.text());
    const [mine, its] = works ? [replica, other] : [other, replica];
    const startedAt = performance.now();
    const stopped = mine.stop();
    const second = await beginning('stop-1', 2);
    expect(first.signal.reason).toMatchObject({ code: 'SERVICE_STOPPING' });
    // What is left of the lease is longer.
    expect(performance.now() - startedAt).toBeLessThan(4_500);
    expect([first.firstTry, second.firstTry]).toEqual([true, false]);
    first.end('too late');
    second.end('in time');
    await stopped;
    await until('its decision', async () => (await decisions('stop-1')).length === 1);
    expect(await decisions('stop-1')).toEqual(['stop-1 in time']);
    expect(linesOf('id-stop-1').filter((msg) => msg.startsWith('retry'))).toEqual([]);
    replica = its;
  }, 60_000);

  it('leaves no message behind when no handler takes its type any more: it becomes a dead letter', async () => {
    const record = {
      topic: service.topic,
      partition: 0,
      offset: '0',
      timestamp: 0,
      key: null,
      value: null,
      headers: {},
    };
    const of = { orderKey: 'gone', handler: 'Gone', type: 'spec.v1.Gone', eventId: 'id-gone', correlationId: 'story' };
    const waits = { origin: 'record', record, retries: 0, delayMs: 0, fingerprint: Buffer.alloc(1) } as const;
    await service.store.commitGroup({ consumer: 'spec', held: [{ kind: 'add', lane: 'queued', ...of, ...waits }] });
    const { schema, database } = service;
    await database.admin(`update ${schema}.held set held_at = held_at - interval '11 min' where order_key = 'gone'`);
    const other = await service.start();
    await until('its dead letter', async () =>
      (await service.events()).some(({ data }) => data['reason'] === 'HANDLER_GONE'),
    );
    await until('nothing to wait', async () => (await waiting()).length === 0);
    await other.stop();
  }, 60_000);

  it('that ends soon is decided before the service stops', async () => {
    await producer.send([deploy('finish', 'finish-1')]);
    const one = await beginning('finish-1');
    const stopped = replica.stop();
    await delay(200);
    one.end();
    await stopped;
    expect(await decisions('finish')).toEqual(['finish-1 done']);
    replica = await service.start();
  }, 60_000);
});

describe('a replica that is killed or stopped in the midst of its work', () => {
  let killed: SpecService;
  const replicas: ChildProcess[] = [];
  beforeAll(async () => {
    killed = await createSpecService('ingress', { handlers: [SlowWork] });
  }, 60_000);
  afterAll(async () => {
    for (const child of replicas.splice(0)) child.kill('SIGKILL');
    await killed?.close();
  });

  /** A replica in a process of its own, and what it logs. */
  function start(): { child: ChildProcess; lines: Line[] } {
    const program = join(import.meta.dirname, '../dist/spec-replica.fixture.js');
    const child = spawn(process.execPath, [program], {
      env: { ...process.env, NODE_OPTIONS: '', SPEC_PLACE: JSON.stringify(killed.place) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    replicas.push(child);
    const lines: Line[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => void lines.push(JSON.parse(line) as Line));
    return { child, lines };
  }
  const says = (lines: readonly Line[], msg: string, id: string) =>
    until(`${msg} of ${id}`, () => lines.some((line) => line.msg === msg && line['event_id'] === id), 30_000);
  const send = (version: string, ms: number) =>
    producer.send([
      killed.record(DeployCompleted, `id-${version}`, {
        deployId: version,
        version,
        environment: String(ms),
        ...deployed,
      }),
    ]);

  it('is replaced by another within 8 s of a kill', async () => {
    const first = start();
    await send('kill', 3_000);
    await says(first.lines, 'work.begun', 'id-kill');
    const second = start();
    first.child.kill('SIGKILL');
    const startedAt = performance.now();
    await says(second.lines, 'work.begun', 'id-kill');
    expect(performance.now() - startedAt).toBeLessThan(8_000);
    await until('the decision', async () => (await decisions('kill', killed)).length === 1);
    expect(await decisions('kill', killed)).toEqual([`by ${second.child.pid}`]);
    second.child.kill('SIGTERM');
    await once(second.child, 'exit');
  }, 90_000);

  it('writes nothing when it comes back after another has taken over', async () => {
    const first = start();
    await send('zombie', 2_500);
    await says(first.lines, 'work.begun', 'id-zombie');
    first.child.kill('SIGSTOP');
    const second = start();
    await says(second.lines, 'work.begun', 'id-zombie');
    // Its work has been over for long; what it does first is write.
    first.child.kill('SIGCONT');
    await until('it to notice', () => first.lines.some(({ msg }) => /lease-lost/.test(msg)), 10_000);
    await until('the decision', async () => (await decisions('zombie', killed)).length === 1);
    expect(await decisions('zombie', killed)).toEqual([`by ${second.child.pid}`]);
    expect(await waiting(killed)).toEqual([]);
    expect(first.lines.filter(({ msg, event_id: id }) => msg === 'event.processed' && id === 'id-zombie')).toEqual([]);
  }, 90_000);
});

function redrive(deadLetterId: string, id: string) {
  const order = { deadLetterId, service: service.name, edited: null, actor: 'spec', reason: 'spec' };
  return service.record(RedriveDeadLetter, `redrive-${id}`, order);
}
