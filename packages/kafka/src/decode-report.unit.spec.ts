import { decodeReport, type DecodeAttempt } from './decode-report.js';
import { KafkaError } from './kafka-error.js';
import type { InboundRecord } from './record.js';
import type { Registry } from './registry.js';

const schema = { type: 'record', name: 'Note', namespace: 'spec.v1', fields: [{ name: 'id', type: 'string' }] };
const registry = {
  schemaOf: async (id: number) => {
    if (id === 7) return { type: 'spec.v1.Note', schema };
    throw new KafkaError('SCHEMA_UNKNOWN', `the registry has no schema ${id}`);
  },
} as unknown as Registry;

async function report(bytes: number[], rawHeaders: Record<string, Buffer> = {}): Promise<DecodeAttempt[]> {
  const record = { value: Buffer.from(bytes), rawHeaders } as unknown as InboundRecord;
  return decodeReport(record, registry);
}

async function attempt(form: string, bytes: number[], headers?: Record<string, Buffer>): Promise<DecodeAttempt> {
  return (await report(bytes, headers)).find((one) => one.form.startsWith(form))!;
}

const guid = Buffer.from('01' + '00112233445566778899aabbccddeeff', 'hex');
const text = [4, 97, 98];

describe('why a record can not be decoded', () => {
  it('is the magic byte', async () => {
    const found = await attempt('value: 0x00', [...Buffer.from('{"a":1}')]);
    expect(found).toMatchObject({ applies: false, byte: 0, reason: 'the magic byte is 0x7b, not 0x00' });
  });

  it('is an id that the registry does not have', async () => {
    const found = await attempt('value: 0x00', [0, 0, 0, 0, 9, ...text]);
    expect(found).toMatchObject({ applies: true, schemaId: 9, reason: 'SCHEMA_UNKNOWN: the registry has no schema 9' });
  });

  it('is the field that stops fitting, at its byte of the value', async () => {
    const found = await attempt('value: 0x00', [0, 0, 0, 0, 7, 60, 97]);
    expect(found).toMatchObject({ type: 'spec.v1.Note', field: 'id', byte: 5, reason: expect.stringContaining('30') });
  });

  it('is nothing for the form that it can be decoded by, a header too', async () => {
    expect(await attempt('value: 0x00', [0, 0, 0, 0, 7, ...text])).not.toHaveProperty('reason');
    const confluent = { __value_schema_id: Buffer.from([0, 0, 0, 0, 7]) };
    expect(await attempt('header __value', text, confluent)).toMatchObject({ applies: true, type: 'spec.v1.Note' });
    expect(await attempt('header __value', text, confluent)).not.toHaveProperty('reason');
    const apicurio = { 'apicurio.value.globalId': Buffer.from([0, 0, 0, 0, 0, 0, 0, 7]) };
    expect(await attempt('header apicurio.value.globalId', text, apicurio)).not.toHaveProperty('reason');
  });

  it('is a GUID, in the value or in the header', async () => {
    const named = expect.stringContaining('00112233-4455-6677-8899-aabbccddeeff');
    expect(await attempt('value: 0x01', [...guid, ...text])).toMatchObject({ applies: true, reason: named });
    expect(await attempt('header __value', text, { __value_schema_id: guid })).toMatchObject({
      applies: true,
      reason: named,
    });
  });

  it('says of each form that it is not of, by which byte or header', async () => {
    expect((await report([1])).map(({ applies, reason }) => [applies, reason])).toEqual([
      [false, "1 bytes can't hold the magic byte and an id of 4 bytes"],
      [false, 'the value has 1 bytes, too few for 0x01 and a GUID'],
      [false, 'there is no such header'],
      [false, 'there is no such header'],
      [false, 'there is no such header'],
    ]);
  });
});
