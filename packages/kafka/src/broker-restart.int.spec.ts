import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack, type Stack } from '@towpath/stack/stack';
import { subscribe } from './consumer.js';
import { createProducer } from './producer.js';
import { outbound, silent, uniqueTopic, until } from './testing/broker-fixture.js';

/** A broker of its own, because it is killed. */
const PORT_OFFSET = 9_150;

describe('a broker that is killed and comes back', () => {
  const home = mkdtempSync(join(tmpdir(), 'towpath-kafka-'));
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ home, portOffset: PORT_OFFSET, parts: ['kafka'] });
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
    rmSync(home, { recursive: true, force: true });
  }, 30_000);

  it('is read again within 5 s of answering, with nothing lost', async () => {
    const addresses = stack.env.KAFKA_BROKERS.split(',');
    const topic = await uniqueTopic(3, addresses);
    const seen = new Set<string>();
    const producer = await createProducer({ brokers: addresses, clientId: 'spec', logger: silent });
    const subscription = await subscribe({
      brokers: addresses,
      groupId: topic,
      clientId: 'spec',
      topics: [topic],
      accepts: () => true,
      onRecords: (records) => {
        for (const { value } of records) seen.add(String(value));
        return Promise.resolve();
      },
      onFatal: () => undefined,
      logger: silent,
    });
    await producer.send([outbound(topic, 'k', 'before')]);
    await until('the record before', () => seen.has('before'));

    stack.kill('kafka', 'SIGKILL');
    const during = sendUntilAccepted(() => producer.send([outbound(topic, 'k', 'during')]));
    await stack.restart('kafka');
    const answeredAt = Date.now();
    await during;
    await until('the record sent while it was away', () => seen.has('during'), 5_000 - (Date.now() - answeredAt));
    await producer.send([outbound(topic, 'k', 'after')]);
    await until('the record after', () => seen.has('after'), 5_000);

    await subscription.stop();
    await producer.close();
  }, 90_000);
});

/** What a relay does: a rejected send may or may not have landed, so it is sent again. */
async function sendUntilAccepted(send: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt === 20) throw error;
    }
  }
}
