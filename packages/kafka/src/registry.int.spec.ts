import { createServer } from 'node:net';
import { randomUUID } from 'node:crypto';
import { encode } from '@towpath/contracts/codec';
import type { Contract } from '@towpath/contracts/contract';
import { inspect, type InspectedRecord } from './inspect.js';
import { createProducer } from './producer.js';
import { Registry } from './registry.js';
import { brokers, registryUrl, silent, uniqueTopic } from './testing/broker-fixture.js';
import { frame } from './wire.js';

interface Note {
  id: string;
  amount: number;
}

describe('registry', () => {
  const registry = new Registry({ url: registryUrl(), clientId: 'spec' });

  it('registers a contract under its topic and record name, once, and decodes by id', async () => {
    const contract = noteContract(`spec-${randomUUID()}`);
    const [first] = await registry.register([contract], []);
    const [second] = await registry.register([contract], []);
    expect(first?.subjects).toEqual([`${contract.topic}-spec.v1.Note`]);
    expect(second?.schemaId).toBe(first?.schemaId);
    const value = frame(first?.schemaId ?? 0, encode(contract, { id: 'n1', amount: 5 }));
    expect(await registry.decode(value)).toMatchObject({ type: 'spec.v1.Note', data: { id: 'n1', amount: 5 } });
  }, 30_000);

  it('gives a platform contract one id over the topics of all services', async () => {
    const contract = noteContract(`{service}.spec-${randomUUID()}`);
    const [registered] = await registry.register([contract], ['fraud', 'triage']);
    expect(registered?.subjects).toHaveLength(2);
    expect(registered?.schemaId).toBeGreaterThan(0);
  }, 30_000);

  it('names the file and the fix of a contract that breaks earlier readers, before and at registration', async () => {
    const contract = noteContract(`spec-${randomUUID()}`);
    await registry.register([contract], []);
    const breaking = noteContract(contract.topic, [{ name: 'added', type: 'string' }]);
    expect(await registry.latest(`${contract.topic}-spec.v1.Note`)).toMatchObject({ schema: contract.schema });
    expect(await registry.latest(`${contract.topic}-spec.v1.Nothing`)).toBeUndefined();
    const findings = await registry.check([contract, breaking], []);
    expect(findings).toEqual([expect.objectContaining({ file: 'packages/contracts/schemas/spec/Note.v1.avsc' })]);
    await expect(registry.register([breaking], [])).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      message: expect.stringContaining('packages/contracts/schemas/spec/Note.v1.avsc') as string,
    });
    const compatible = noteContract(contract.topic, [{ name: 'added', type: 'string', default: '' }]);
    expect(await registry.check([compatible], [])).toEqual([]);
  }, 30_000);

  it('does not hang on a registry that never answers', async () => {
    const hung = createServer(() => undefined);
    await new Promise<void>((resolve) => hung.listen(0, '127.0.0.1', resolve));
    const address = hung.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const stuck = new Registry({ url: `http://127.0.0.1:${port}`, clientId: 'spec', requestTimeoutMs: 200 });
    await expect(stuck.decode(frame(1, Buffer.from('x')))).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    hung.close();
  }, 30_000);

  it('shows each record of a topic decoded, or why it is not', async () => {
    const topic = await uniqueTopic(1);
    const contract = noteContract(topic);
    const [registered] = await registry.register([contract], []);
    const schemaId = registered?.schemaId ?? 0;
    const producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
    const headers = { ce_type: contract.type };
    await producer.send([
      { topic, key: 'good', value: frame(schemaId, encode(contract, { id: 'n1', amount: 5 })), headers },
      { topic, key: 'cut', value: frame(schemaId, Buffer.from([200])), headers },
      { topic, key: 'unknown', value: frame(2_000_000_000, Buffer.from('x')), headers },
      { topic, key: 'json', value: Buffer.from('{"a":1}'), headers: { ce_type: 'other' } },
    ]);
    await producer.close();
    const found = await read(topic, registry);
    expect(found[0]?.data).toEqual({ id: 'n1', amount: 5 });
    expect(found.slice(1).map(({ undecodable }) => undecodable)).toEqual([
      expect.stringContaining('UNDECODABLE'),
      expect.stringContaining('SCHEMA_UNKNOWN'),
      expect.stringContaining('UNDECODABLE'),
    ]);
  }, 30_000);
});

async function read(topic: string, registry: Registry): Promise<InspectedRecord[]> {
  const found: InspectedRecord[] = [];
  const options = { brokers: brokers(), clientId: 'spec', logger: silent, topic, from: 'beginning', registry } as const;
  for await (const record of inspect(options)) found.push(record);
  return found;
}

function noteContract(topic: string, added: object[] = []): Contract<Note> {
  const fields = [{ name: 'id', type: 'string' }, { name: 'amount', type: 'long' }, ...added];
  const schema = { type: 'record', namespace: 'spec.v1', name: 'Note', doc: 'for a spec', fields };
  return {
    type: 'spec.v1.Note',
    name: 'Note',
    kind: 'event',
    topic,
    stream: 'note',
    key: 'id',
    producers: [],
    retention: '1d',
    pii: [],
    prompt: {},
    doc: 'for a spec',
    schema,
  };
}
