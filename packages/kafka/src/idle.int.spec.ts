import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brokers, uniqueTopic } from './testing/broker-fixture.js';

/** K15, in a process of its own and with the retry times of production (K13). */
const program = `
  const [brokers, topic, folder] = process.argv.slice(1);
  const { createProducer } = await import(folder + '/producer.js');
  const { subscribe } = await import(folder + '/consumer.js');
  const nothing = () => undefined;
  const logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const common = { brokers: brokers.split(','), clientId: 'idle', logger };
  const producer = await createProducer(common);
  await producer.send([{ topic, key: 'k', value: Buffer.from('v'), headers: {} }]);
  const subscription = await subscribe({
    ...common, groupId: topic, topics: [topic], accepts: () => true, onRecords: async () => undefined, onFatal: nothing,
  });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ percentOfCore: (user + system) / 50_000, state: subscription.health().state }));
  await subscription.stop();
  await producer.close();
`;

describe('an idle producer and consumer', () => {
  it('cost at most 3 % of a core together and print no timer warning', async () => {
    const topic = await uniqueTopic(6);
    const folder = join(import.meta.dirname, '../dist');
    const script = ['--input-type=module', '-e', program, '--', brokers().join(','), topic, folder];
    const env = { ...process.env, NODE_ENV: 'production', NODE_OPTIONS: '' };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, script, { env });
    expect(stderr).not.toContain('TimeoutNegativeWarning');
    const result = JSON.parse(stdout) as { percentOfCore: number; state: string };
    expect(result.state).toBe('running');
    expect(result.percentOfCore).toBeLessThan(3);
  }, 40_000);
});
