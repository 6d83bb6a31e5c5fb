import { frame, unframe } from './wire.js';

describe('wire format', () => {
  it('gives back the schema id and the bytes that were framed', () => {
    const { schemaId, payload } = unframe(frame(305_419_896, Buffer.from('avro')));
    expect(schemaId).toBe(305_419_896);
    expect(payload.toString()).toBe('avro');
  });

  it('is the layout Confluent clients read: a zero byte, a big-endian id, the bytes', () => {
    expect(frame(258, Buffer.from([9])).toString('hex')).toBe('000000010209');
  });

  it.each([
    ['too short', Buffer.from([0, 0, 0, 1])],
    ['empty', Buffer.alloc(0)],
    ['of another format', Buffer.from('{"a":1}')],
    ['without a schema id', Buffer.from([0, 0, 0, 0, 0, 1])],
    ['with a negative schema id', Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1])],
  ])('refuses a value that is %s', (_name, value) => {
    expect(() => unframe(value)).toThrow(expect.objectContaining({ code: 'UNDECODABLE' }));
  });
});
