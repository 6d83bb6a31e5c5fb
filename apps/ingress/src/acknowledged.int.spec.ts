import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { inspect } from '@towpath/kafka/inspect';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { startStack, type Stack } from '@towpath/stack/stack';
import type { Response } from 'light-my-request';
import { startIngress, stripeDelivery, type Ingress } from './ingress.fixture.js';
import { TriageProgress } from './triage-progress.js';

/** A broker of its own, because it is killed. */
const PORT_OFFSET = 9_550;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe('a delivery and the broker', () => {
  const home = mkdtempSync(join(tmpdir(), 'towpath-ingress-'));
  let stack: Stack;
  let producer: Producer;
  let ingress: Ingress;

  beforeAll(async () => {
    stack = await startStack({ home, portOffset: PORT_OFFSET, parts: ['kafka'] });
    const admin = await KafkaAdmin.connect({ brokers: brokers(), clientId: 'spec', logger: silent });
    await admin.createTopics();
    await admin.close();
    producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent, sendDeadlineMs: 1_500 });
    ingress = await startIngress({}, producer);
  }, 120_000);
  afterAll(async () => {
    await ingress.server.close();
    await producer.close();
    await stack.stop();
    rmSync(home, { recursive: true, force: true });
  }, 60_000);

  const brokers = (): string[] => stack.env.KAFKA_BROKERS.split(',');
  const post = (id: string): Promise<Response> =>
    ingress.server.inject({ method: 'POST', url: '/webhooks/stripe', ...stripeDelivery(id) });
  const idsOnTopic = async (): Promise<Set<string>> => {
    const ids = new Set<string>();
    const topic = { brokers: brokers(), clientId: 'spec', logger: silent, topic: 'webhooks.received' };
    for await (const { headers } of inspect({ ...topic, from: 'beginning' })) ids.add(headers['ce_id'] ?? '');
    return ids;
  };

  it('gets 202 only for what is on the topic, 503 within 3 s while the broker is dead, and 202 again after', async () => {
    const accepted: string[] = [];
    const keep = (response: Response): void => {
      if (response.statusCode === 202) accepted.push(response.json<{ deliveryId: string }>().deliveryId);
    };
    for (const response of await Promise.all(Array.from({ length: 50 }, (_, index) => post(`evt_before_${index}`))))
      keep(response);
    expect(accepted).toHaveLength(50);

    stack.kill('kafka', 'SIGKILL');
    const startedAt = Date.now();
    const refused = await Promise.all(Array.from({ length: 20 }, (_, index) => post(`evt_during_${index}`)));
    expect(Date.now() - startedAt).toBeLessThan(4_000);
    for (const response of refused) {
      expect([response.statusCode, response.headers['retry-after']]).toEqual([503, '2']);
    }

    await stack.restart('kafka');
    const deadline = Date.now() + 20_000;
    let last = await post('evt_after');
    while (last.statusCode !== 202 && Date.now() < deadline) last = await post('evt_after');
    keep(last);
    expect(last.statusCode).toBe(202);
    const onTopic = await idsOnTopic();
    expect(accepted.filter((id) => !onTopic.has(id))).toEqual([]);
  }, 90_000);

  it("reads triage's progress, from the oldest record on while it has committed nothing", async () => {
    await post('evt_lag');
    const progress = new TriageProgress({ brokers: brokers(), clientId: 'spec', logger: silent });
    const { end, committed } = await progress.read();
    expect(end).toHaveLength(6);
    expect(end.reduce((sum, offset) => sum + offset, 0)).toBeGreaterThan(0);
    expect(committed).toEqual([0, 0, 0, 0, 0, 0]);
    await progress.close();
  }, 30_000);
});
