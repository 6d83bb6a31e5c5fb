import { randomUUID } from 'node:crypto';
import { createClient } from '../client.js';
import type { Logger, OutboundRecord } from '../record.js';

/** Addresses of the broker the integration specs share. */
export function brokers(): string[] {
  const addresses = process.env.KAFKA_BROKERS;
  if (!addresses) throw new Error('KAFKA_BROKERS is unset; run the integration specs by `npm test`');
  return addresses.split(',');
}

export function registryUrl(): string {
  const url = process.env.REGISTRY_URL;
  if (!url) throw new Error('REGISTRY_URL is unset; run the integration specs by `npm test`');
  return url;
}

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Makes a topic that no other spec uses. */
export async function uniqueTopic(
  partitions: number,
  addresses = brokers(),
  settings: Record<string, string> = {},
): Promise<string> {
  const topic = `spec-${randomUUID()}`;
  const kafka = createClient({ brokers: addresses, clientId: 'spec', logger: silent });
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }], waitForLeaders: true });
  await admin.disconnect();
  return topic;
}

export function outbound(topic: string, key: string, value: string, type = 'spec.v1.Wanted'): OutboundRecord {
  return { topic, key, value: Buffer.from(value), headers: { ce_type: type } };
}

/** Polls until the condition holds; fails at the deadline, naming what it waited for. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 15_000,
): Promise<void> {
  const end = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
