import fc from 'fast-check';
import { digestOf, firstLink, nextLink } from './chain.js';
import type { DomainEvent } from './types.js';
import { verifyChain, type ChainedEvent } from './verify.js';

const stream = 'payment-1';

const domainEvent: fc.Arbitrary<DomainEvent> = fc.record({
  id: fc.uuid(),
  stream: fc.constant(stream),
  type: fc.constantFrom('a.v1.Opened', 'a.v1.Closed'),
  data: fc.jsonValue().map((value) => ({ value })),
  metadata: fc.record({
    correlationId: fc.uuid(),
    causationId: fc.uuid(),
    hops: fc.nat(),
    handler: fc.constant('Spec'),
  }),
  occurredAt: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
});

function chain(events: readonly DomainEvent[]): ChainedEvent[] {
  let hash = firstLink(stream);
  return events.map((event, index) => {
    const digest = digestOf(event);
    hash = nextLink(hash, index + 1, digest);
    return { ...event, version: index + 1, kind: 'event', digest, hash };
  });
}

const changes: Record<string, (event: ChainedEvent) => ChainedEvent> = {
  id: (event) => ({ ...event, id: '00000000-0000-0000-0000-000000000000' }),
  stream: (event) => ({ ...event, stream: 'payment-2' }),
  type: (event) => ({ ...event, type: `${event.type}2` }),
  version: (event) => ({ ...event, version: event.version + 1 }),
  kind: (event) => ({ ...event, kind: 'internal' }),
  data: (event) => ({ ...event, data: { changed: event.data } }),
  metadata: (event) => ({ ...event, metadata: { ...event.metadata, hops: event.metadata.hops + 1 } }),
  occurredAt: (event) => ({ ...event, occurredAt: new Date(event.occurredAt.getTime() + 1) }),
  digest: (event) => ({ ...event, digest: flipped(event.digest) }),
  hash: (event) => ({ ...event, hash: flipped(event.hash) }),
};

const kinds = new Map([
  ['a.v1.Opened', 'event'],
  ['a.v1.Closed', 'event'],
]);

describe('the hash chain of a stream', () => {
  it('holds for any sequence of events', () => {
    fc.assert(
      fc.property(
        fc.array(domainEvent, { maxLength: 8 }),
        (events) => verifyChain(stream, chain(events), kinds) === undefined,
      ),
    );
  });

  it.each(Object.keys(changes))('finds a changed %s in any event', (field) => {
    fc.assert(
      fc.property(fc.array(domainEvent, { minLength: 1, maxLength: 6 }), fc.nat(), (events, pick) => {
        const chained = chain(events);
        const index = pick % chained.length;
        chained[index] = changes[field]!(chained[index]!);
        expect(verifyChain(stream, chained, kinds)).toBeDefined();
      }),
    );
  });

  it('finds a deleted event unless it is the last, two swapped ones, and a rewritten digest', () => {
    fc.assert(
      fc.property(fc.array(domainEvent, { minLength: 3, maxLength: 6 }), fc.nat(), (events, pick) => {
        const chained = chain(events);
        const index = pick % (chained.length - 1);
        expect(verifyChain(stream, chained.toSpliced(index, 1))?.reason).toBe('gap');
        const swapped = chained.with(index, chained[index + 1]!).with(index + 1, chained[index]!);
        expect(verifyChain(stream, swapped)?.reason).toBe('gap');
        const edited = { ...chained[index]!, data: { forged: true } };
        expect(verifyChain(stream, chained.with(index, { ...edited, digest: digestOf(edited) }))?.reason).toBe('link');
      }),
    );
  });

  it('says which event and why', () => {
    const event = {
      id: 'e1',
      stream,
      type: 't',
      data: { a: 1 },
      metadata: { correlationId: 'c', causationId: 'd', hops: 0, handler: 'h' },
      occurredAt: new Date(0),
    };
    const [first] = chain([event]);
    expect(verifyChain(stream, [{ ...first!, data: { a: 2 } }])).toEqual({
      stream,
      version: 1,
      eventId: 'e1',
      reason: 'content',
    });
  });

  it('refuses to hash what JSON can not hold', () => {
    const event = {
      id: 'e1',
      stream,
      type: 't',
      data: { a: '\ud800' },
      metadata: { correlationId: 'c', causationId: 'd', hops: 0, handler: 'h' },
      occurredAt: new Date(0),
    };
    expect(() => digestOf(event)).toThrow('UNSTORABLE');
    expect(() => digestOf({ ...event, data: { a: Number.NaN } })).toThrow('UNSTORABLE');
  });
});

function flipped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[0] = copy[0]! ^ 1;
  return copy;
}
