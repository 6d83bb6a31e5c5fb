import { digestOf, firstLink, nextLink } from '@towpath/event-store/chain';
import type { StreamHead } from '@towpath/event-store/restore/stream-tail';
import type { DomainEvent } from '@towpath/event-store/types';
import type { RecordEvent } from './record-event.js';
import { StreamState } from './stream-state.js';

const STREAM = 'payment-1';

/** The first events of a stream, as its topic has them. */
function stream(count: number): RecordEvent[] {
  let hash = firstLink(STREAM);
  return Array.from({ length: count }, (_, index) => {
    const metadata = { correlationId: 's', causationId: 'c', hops: 1, path: [], handler: 'H' };
    const event: DomainEvent = {
      id: `id-${index}`,
      stream: STREAM,
      type: 't.v1.T',
      data: { index },
      metadata,
      occurredAt: new Date(0),
    };
    const digest = digestOf(event);
    hash = nextLink(hash, index + 1, digest);
    return { ...event, version: index + 1, digest, hash };
  });
}

const headOf = ({ version, hash }: RecordEvent): StreamHead => ({ version, hash });
const fates = (state: StreamState, events: readonly RecordEvent[]) =>
  events.map((event) => {
    const fate = state.take(event.version, event, 'missing');
    return fate.kind === 'import' ? 'import' : `${fate.kind} ${fate.code}`;
  });

describe('a stream that is behind its topic', () => {
  const events = stream(5);

  it('gets back what follows from its end, without a gap', () => {
    expect(fates(new StreamState(STREAM, headOf(events[1]!)), events.slice(2))).toEqual(['import', 'import', 'import']);
    expect(fates(new StreamState(STREAM, undefined), events)).toEqual(Array(5).fill('import'));
  });

  it('stops where versions were never published, and leaves the rest to its service', () => {
    expect(fates(new StreamState(STREAM, headOf(events[0]!)), [events[1]!, events[3]!, events[4]!])).toEqual([
      'import',
      'decided-again UNPUBLISHED_BEFORE',
      'decided-again BEHIND',
    ]);
  });

  it('stops at a hash that does not follow from what the store has', () => {
    const other = { version: 2, hash: Buffer.alloc(32, 7) };
    expect(fates(new StreamState(STREAM, other), events.slice(2, 4))).toEqual([
      'decided-again UNLINKED',
      'decided-again BEHIND',
    ]);
  });

  it('leaves another event in its place, and a record that can not be read, to a person', () => {
    const state = new StreamState(STREAM, headOf(events[0]!));
    expect(state.take(2, events[1]!, 'diverged')).toMatchObject({ kind: 'person', code: 'DIVERGED' });
    const unreadable = { code: 'UNDECODABLE', detail: 'no Avro' };
    expect(new StreamState(STREAM, undefined).take(1, unreadable, 'missing')).toEqual({
      kind: 'person',
      ...unreadable,
    });
    expect(fates(state, [events[2]!])).toEqual(['decided-again BEHIND']);
  });

  it('counts a record that comes again once', () => {
    const state = new StreamState(STREAM, undefined);
    expect(fates(state, events.slice(0, 2))).toEqual(['import', 'import']);
    expect([1, 2, 3].map((version) => state.isRepeat(version))).toEqual([true, true, false]);
  });
});
