import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import fc from 'fast-check';
import { encodeProduce, type ProduceRequest } from './produce-request-patch.js';

const NOW = 1_790_000_000_000;

/** What kafkajs writes in a process where nothing is patched. */
function originals(requests: readonly ProduceRequest[]): string[] {
  const script = `
    Date.now = () => ${NOW};
    const request = require('kafkajs/src/protocol/requests/produce/v7/request.js');
    const all = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    Promise.all(all.map(async (one) => (await request(one).encode()).buffer.toString('hex')))
      .then((encoded) => console.log(JSON.stringify(encoded)));`;
  const cwd = join(import.meta.dirname, '..');
  const output = execFileSync(process.execPath, ['-e', script], {
    ...{ input: JSON.stringify(requests), cwd, maxBuffer: 2 ** 28 },
  });
  return JSON.parse(output.toString()) as string[];
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const message = fc.record({
  key: fc.option(text),
  value: fc.option(text),
  headers: fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), text, { noNullPrototype: true }),
});
const partition = fc.record({
  partition: fc.nat({ max: 100 }),
  firstSequence: fc.nat({ max: 1_000_000 }),
  messages: fc.array(message, { minLength: 1, maxLength: 20 }),
});
const request = fc.record({
  ...{ acks: fc.constantFrom(-1, 1), timeout: fc.nat({ max: 60_000 }), transactionalId: fc.option(text) },
  producerId: fc.maxSafeInteger().map(String),
  producerEpoch: fc.nat({ max: 32_767 }),
  topicData: fc.array(fc.record({ topic: text, partitions: fc.array(partition, { maxLength: 4 }) }), { maxLength: 4 }),
});
const minimal = {
  ...{ acks: -1, timeout: 1 },
  topicData: [{ topic: 't', partitions: [{ partition: 0, messages: [{ key: 'k', value: 'v' }] }] }],
};

describe('the encoder of requests to produce', () => {
  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(NOW);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it("writes the same bytes as kafkajs' own", () => {
    const requests: ProduceRequest[] = [minimal, ...fc.sample(request, 200)];
    expect(requests.map((one) => encodeProduce(one)?.toString('hex'))).toEqual(originals(requests));
  });

  it('leaves to kafkajs what it does not write: compression, timestamps of one’s own, header lists', () => {
    const [topic] = minimal.topicData;
    const withMessage = (own: object) => ({
      ...minimal,
      topicData: [{ ...topic!, partitions: [{ partition: 0, messages: [{ key: 'k', value: 'v', ...own }] }] }],
    });
    expect(encodeProduce({ ...minimal, compression: 1 })).toBeUndefined();
    expect(encodeProduce(withMessage({ timestamp: '5' }))).toBeUndefined();
    expect(encodeProduce(withMessage({ headers: { a: ['1', '2'] } }))).toBeUndefined();
    expect(encodeProduce(withMessage({}))).toBeInstanceOf(Buffer);
  });

  it('is what kafkajs uses', async () => {
    const require = createRequire(import.meta.url);
    const used = require('kafkajs/src/protocol/requests/produce/v7/request.js') as (one: ProduceRequest) => {
      encode(): Promise<{ buf: Buffer }>;
    };
    const { buf } = await used(minimal).encode();
    // The original's buffers are longer than what is written into them.
    expect(buf.equals(encodeProduce(minimal)!)).toBe(true);
  });
});
