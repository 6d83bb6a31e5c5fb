import { encode } from '@towpath/contracts/codec';
import type { Contract } from '@towpath/contracts/contract';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { LoadedGroup, StoredEvent } from '@towpath/event-store/types';
import { upcaster, Upcasters } from '@towpath/event-store/upcast';
import { buildHeaders } from '@towpath/kafka/headers';
import type { InboundRecord } from '@towpath/kafka/record';
import { frame } from '@towpath/kafka/wire';
import { checkUpcasters, foldsOf } from '../folds.js';
import { handlerTable } from '../handler-table.js';
import { Handles } from '../handles.js';
import type { Received } from '../message.js';
import { GroupState } from './group-state.js';
import { Inbound } from './inbound.js';

interface NotedV1 {
  readonly noteId: string;
  readonly text: string;
  readonly body: Buffer;
}
interface NotedV2 {
  readonly noteId: string;
  readonly words: readonly string[];
  readonly body: Buffer;
}

const id = { name: 'noteId', type: 'string' };
const body = { name: 'body', type: 'bytes' };
const NotedV1 = contract<NotedV1, 'spec.v1.Noted'>('spec.v1.Noted', [id, { name: 'text', type: 'string' }, body]);
const words = { name: 'words', type: { type: 'array', items: 'string' } };
const NotedV2 = contract<NotedV2, 'spec.v2.Noted'>('spec.v2.Noted', [id, words, body]);

const split = upcaster(NotedV1, NotedV2, ({ noteId, text, body: bytes }) => {
  if (text === '') throw new TypeError('nothing to split');
  return { noteId, words: text.split(' '), body: bytes };
});

const seen: unknown[] = [];
@Handles(NotedV2)
class CountWords {
  handle({ type, data }: Received<typeof NotedV2>) {
    seen.push([type, data]);
    return [];
  }
}

const upcasters = new Upcasters([split]);
const table = handlerTable('fraud', [CountWords], () => new CountWords(), { upcasters });
const notAsked = { erase: async () => new Map(), eraseDeadLetters: async () => undefined };
const inbound = new Inbound({
  ...{ service: 'fraud', handlers: table, upcasters },
  schemaIds: new Map([
    [NotedV1.type, 1],
    [NotedV2.type, 2],
  ]),
  writerSchema: () => Promise.reject(new Error('not asked for')),
  vault: { ...notAsked, keysFor: async () => new Map(), lookupHash: String, close: async () => undefined },
});

function record(text: string): InboundRecord {
  const story = { id: 'n1', correlationId: 'n1', causationId: 'n1', hops: 0, path: [] };
  const headers = buildHeaders({
    ...story,
    source: '/services/spec',
    type: NotedV1.type,
    subject: 'a',
    time: new Date(0),
  });
  const value = frame(1, encode(NotedV1, { noteId: 'a', text, body: Buffer.from('bytes') }));
  const place = { topic: 'spec.events', partition: 0, offset: '0', timestamp: 0, key: Buffer.from('a') };
  return { ...place, value, headers, rawHeaders: {} };
}

describe('a message of an older version', () => {
  it('comes to the handler of the newer version as that, with the id and bytes it came with', async () => {
    const [item] = await inbound.items([record('two words')]);
    const { handler, message, refusal, inbox } = item!;
    expect([handler.name, message.id, inbox?.id, refusal]).toEqual(['CountWords', 'n1', 'n1', undefined]);
    handler.instance.handle(message, {} as never, undefined);
    expect(seen).toEqual([[NotedV2.type, { noteId: 'a', words: ['two', 'words'], body: Buffer.from('bytes') }]]);
  });

  it('that its upcaster fails on is refused, and its neighbours are not', async () => {
    const items = await inbound.items([record(''), record('fine')]);
    expect(items.map(({ refusal }) => refusal?.code)).toEqual(['UPCAST_FAILED', undefined]);
    expect(items[0]!.refusal?.permanent).toBe(true);
  });

  it('is what a timer may be, too', async () => {
    const data = { noteId: 'a', text: 'wake up', body: '' };
    const metadata = { correlationId: 'n1', causationId: 'n1', hops: 0, handler: 'Spec' };
    const [item] = await inbound.itemsOfTimers([{ id: 't1', dueAt: new Date(0), type: NotedV1.type, data, metadata }]);
    expect(item?.message).toMatchObject({ type: NotedV2.type, data: { words: ['wake', 'up'] } });
  });
});

describe('a stored event of an older version', () => {
  const notes = aggregate<number>({
    ...{ stream: 'note', initial: 0 },
    evolve: (count, event) => (isOf(NotedV2, event) ? count + event.data.words.length : count),
  });

  it('is folded into what a decision looks at as the newest version, beside new ones', () => {
    const stored = {
      ...{ id: 'e1', stream: 'note-a', version: 1, position: '1', kind: 'event', type: NotedV1.type },
      ...{ metadata: {}, occurredAt: new Date(0), hash: Buffer.alloc(0) },
      data: { noteId: 'a', text: 'one two three', body: '' },
    } as unknown as StoredEvent;
    const loaded: LoadedGroup = {
      ...{ seen: new Map(), rows: new Map(), held: new Map() },
      streams: new Map([['note-a', [stored]]]),
    };
    const state = new GroupState(loaded, [], foldsOf({ aggregates: [notes], upcasters: [split] }));
    state.apply({ ...stored, id: 'e2', type: NotedV2.type, data: { noteId: 'a', words: ['four'], body: '' } });
    expect(state.of(notes, 'a')).toBe(4);
  });

  it('must be readable: a service that could store what it can not read does not start', () => {
    // Every contract of this build has one version, so nothing is missing.
    expect(() => checkUpcasters('fraud', foldsOf({}))).not.toThrow();
    const backwards = upcaster(NotedV2, NotedV1, ({ noteId, body: bytes }) => ({ noteId, text: '', body: bytes }));
    expect(() => checkUpcasters('fraud', foldsOf({ upcasters: [backwards] }))).toThrow(
      /UPCASTERS_INVALID:\n.*from spec\.v2\.Noted to spec\.v1\.Noted does not lead to the next version/,
    );
  });
});

function contract<T, Type extends string>(type: Type, fields: object[]): Contract<T, Type> {
  const [domain, version, name] = type.split('.');
  const schema = { type: 'record', namespace: `${domain}.${version}`, name, fields };
  const rest = { producers: [], retention: 'forever', pii: [], prompt: {}, doc: '', schema };
  return { type, name: name!, kind: 'internal', topic: 'spec.events', stream: 'note', key: 'noteId', ...rest };
}
