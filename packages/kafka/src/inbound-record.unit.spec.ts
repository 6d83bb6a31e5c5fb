import type { KafkaMessage } from 'kafkajs';
import { toRecord } from './inbound-record.js';

const message = {
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  timestamp: '1700000000123',
  attributes: 0,
  offset: '7',
} as const;

function recordWith(headers: object): ReturnType<typeof toRecord> {
  return toRecord('t', 3, { ...message, headers } as unknown as KafkaMessage);
}

describe('a record as read', () => {
  it('has the last value of a repeated header, and keeps the earlier ones', () => {
    const { headers, rawHeaders, otherHeaders } = recordWith({ a: [Buffer.from('1'), Buffer.from('2')], b: 'x' });
    expect(headers).toEqual({ a: '2', b: 'x' });
    expect(rawHeaders).toEqual({ a: Buffer.from('2'), b: Buffer.from('x') });
    expect(otherHeaders).toEqual([['a', Buffer.from('1')]]);
  });

  it('keeps a header without a value, which is no header to whoever reads', () => {
    const { headers, rawHeaders, otherHeaders } = recordWith({ a: null, b: [Buffer.from('1'), null] });
    expect(headers).toEqual({ b: '1' });
    expect(rawHeaders).toEqual({ b: Buffer.from('1') });
    expect(otherHeaders).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });

  it('has nothing more when every header has one value', () => {
    expect(recordWith({ a: Buffer.from('1') })).not.toHaveProperty('otherHeaders');
  });
});
