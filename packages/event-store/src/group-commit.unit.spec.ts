import { randomUUID } from 'node:crypto';
import { StoreRefusal, StoreUnavailable } from './errors.js';
import { groupCommit } from './group-commit.js';
import type { Committed, GroupCommit, NewEvent } from './types.js';

interface Sent {
  readonly commit: GroupCommit;
  readonly answer: PromiseWithResolvers<Committed>;
}

function setUp() {
  const sent: Sent[] = [];
  const commit = groupCommit((one) => {
    const answer = Promise.withResolvers<Committed>();
    sent.push({ commit: one, answer });
    return answer.promise;
  });
  return { sent, commit };
}

const streamsOf = ({ commit }: Sent) => commit.events?.map(({ stream }) => stream);
const committed = ({ commit }: Sent): Committed => ({
  events: (commit.events ?? []).map(({ stream }) => ({ stream, version: 1, hash: Buffer.alloc(32) })),
  rowVersion: 7,
});
const answered = async (one: Sent | undefined, outcome?: Error): Promise<void> => {
  if (outcome) one!.answer.reject(outcome);
  else one!.answer.resolve(committed(one!));
  await new Promise(setImmediate);
};

describe('group commit', () => {
  it('sends a lone commit at once, as it is', () => {
    const { sent, commit } = setUp();
    const group = of('a');
    void commit(group);
    expect(sent.map((one) => one.commit)).toEqual([group]);
  });

  it('puts everybody who waited into one transaction and answers each with its own events', async () => {
    const { sent, commit } = setUp();
    void commit(of('a'));
    void commit(of('b'));
    const [third, fourth] = [commit(of('c', 'd')), commit(of('e'))];
    await answered(sent[0]);
    expect(streamsOf(sent[2]!)).toEqual(['c', 'd', 'e']);
    expect(sent[2]!.commit.inbox).toHaveLength(2);
    await answered(sent[2]);
    expect((await third).events.map(({ stream }) => stream)).toEqual(['c', 'd']);
    expect((await fourth).events.map(({ stream }) => stream)).toEqual(['e']);
  });

  it.each([
    ['the same stream', of('c'), of('c')],
    ['the same message', of('c'), { ...of('d'), inbox: of('c').inbox! }],
    ['the same row', row('k'), row('k')],
    ['another consumer', of('c'), { ...of('d'), consumer: 'other' }],
  ])('never lets two commits with %s share a transaction, or overtake', async (_, one, other) => {
    const { sent, commit } = setUp();
    const message = { eventId: 'same', day: '2026-01-01', fingerprint: Buffer.alloc(32) };
    void commit(of('a'));
    void commit(of('b'));
    void commit({ ...one, ...(_ === 'the same message' && { inbox: [message] }) });
    void commit({ ...other, ...(_ === 'the same message' && { inbox: [message] }) });
    void commit(of('z'));
    await answered(sent[0]);
    expect(sent[2]!.commit.events ?? sent[2]!.commit.rows).toHaveLength(1);
    await answered(sent[1]);
    expect(sent).toHaveLength(4);
  });

  it('tells only the culprit of a refusal; the others are written', async () => {
    const { sent, commit } = setUp();
    void commit(of('a'));
    void commit(of('b'));
    const outcomes = Promise.allSettled([commit(of('c')), commit(of('bad')), commit(of('d'))]);
    await answered(sent[0]);
    await answered(sent[2], new StoreRefusal('UNSTORABLE', 'spec'));
    for (let index = 3; index < 6; index++)
      await answered(
        sent[index],
        streamsOf(sent[index]!)?.[0] === 'bad' ? new StoreRefusal('UNSTORABLE', 'spec') : undefined,
      );
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('never sends again what may have been written', async () => {
    const { sent, commit } = setUp();
    void commit(of('a'));
    void commit(of('b'));
    const outcomes = Promise.allSettled([commit(of('c')), commit(of('d'))]);
    await answered(sent[0]);
    await answered(sent[2], new StoreUnavailable('spec'));
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(sent).toHaveLength(3);
  });
});

function of(...streams: string[]): GroupCommit {
  const metadata = { correlationId: 'c', causationId: 'c', hops: 1, handler: 'Spec' };
  const events = streams.map((stream): NewEvent => {
    return { id: randomUUID(), stream, type: 'spec.v1.Opened', data: {}, metadata, occurredAt: new Date(0) };
  });
  const inbox = [{ eventId: randomUUID(), day: '2026-01-01', fingerprint: Buffer.alloc(32) }];
  return { consumer: 'spec', events, inbox };
}

function row(key: string): GroupCommit {
  return { consumer: 'spec', rows: [{ name: 'r', key, expectedVersion: 0, state: {} }] };
}
