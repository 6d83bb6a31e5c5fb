import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inspect, type InspectedRecord } from './inspect.js';
import { brokers, silent, uniqueTopic } from './testing/broker-fixture.js';

const parts = join(import.meta.dirname, '../../../.towpath/parts');

describe('codecs on a broker', () => {
  it('reads what the JVM client sends in every codec', async () => {
    const topic = await uniqueTopic(3);
    const program = join(import.meta.dirname, '../fixtures/ProduceCompressed.java');
    await promisify(execFile)('java', ['-Xmx128m', '-cp', join(jarFolder(), '*'), program, brokers().join(','), topic]);
    const found: InspectedRecord[] = [];
    const options = { brokers: brokers(), clientId: 'spec', logger: silent, topic, from: 'beginning' } as const;
    for await (const record of inspect(options)) found.push(record);
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      const values = found.filter(({ key }) => String(key) === codec).map(({ value }) => String(value));
      expect(values).toEqual(Array.from({ length: 200 }, (_, n) => `${codec} ${n} ${'x'.repeat(200)}`));
    }
  }, 60_000);
});

function jarFolder(): string {
  const folder = readdirSync(parts).find((name) => name.startsWith('kafka-'));
  if (!folder) throw new Error(`no Kafka jars under ${parts}; the local stack fetches them`);
  return join(parts, folder);
}
