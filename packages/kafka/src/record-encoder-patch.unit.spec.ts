import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { encodeRecord, type RawRecord } from './record-encoder-patch.js';

/** kafkajs' own encoder, in a process where nothing is patched. */
function originals(records: readonly RawRecord[]): string[] {
  const script = `
    const encode = require('kafkajs/src/protocol/recordBatch/record/v0/index.js');
    const revive = (value) => (value && value.hex !== undefined ? Buffer.from(value.hex, 'hex') : value);
    const records = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
    console.log(JSON.stringify(records.map((r) => encode({ ...r, key: revive(r.key), value: revive(r.value) }).buffer.toString('hex'))));`;
  const input = JSON.stringify(records, (_key, value: unknown) => {
    const bytes = value as { type?: string; data?: number[] };
    return bytes?.type === 'Buffer' ? { hex: Buffer.from(bytes.data ?? []).toString('hex') } : value;
  });
  const output = execFileSync(process.execPath, ['-e', script], {
    input,
    cwd: join(import.meta.dirname, '..'),
    maxBuffer: 2 ** 28,
  });
  return JSON.parse(output.toString()) as string[];
}

const bytes = fc.option(fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array)));
const record = fc.record({
  offsetDelta: fc.nat({ max: 100_000 }),
  timestampDelta: fc.integer({ min: -1_000_000, max: 1_000_000 }),
  key: bytes,
  value: bytes,
  headers: fc.dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), {
    noNullPrototype: true,
  }),
});

describe('the record encoder', () => {
  it("writes the same bytes as kafkajs' own", () => {
    const records = fc.sample(record, 300);
    expect(records.map((one) => encodeRecord(one)?.toString('hex'))).toEqual(originals(records));
  });

  it('leaves to kafkajs what it does not write: header lists and large deltas', () => {
    expect(encodeRecord({ headers: { a: ['1', '2'] } })).toBeUndefined();
    expect(encodeRecord({ timestampDelta: 2 ** 40 })).toBeUndefined();
  });

  it('is what kafkajs uses', () => {
    const require = createRequire(import.meta.url);
    const used = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (one: RawRecord) => { buf: Buffer };
    const { buf } = used({ key: 'k', value: 'v', headers: { a: '1' } });
    // The original's buffers are powers of two.
    expect(buf.length).toBe(encodeRecord({ key: 'k', value: 'v', headers: { a: '1' } })?.length);
  });
});
