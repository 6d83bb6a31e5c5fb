import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { aggregate } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import { aggregateOf, foldsOf } from '../folds.js';
import { foldLines } from './fold-lines.js';

const types = aggregate<readonly string[]>({
  stream: 'letter',
  initial: [],
  evolve: (seen, event) => [...seen, `${event.type} ${JSON.stringify(event.data)} ${event.occurredAt.getTime()}`],
});
const longer = aggregate<number>({ stream: 'letter-box', initial: 0, evolve: (count) => count + 1 });
const byStream = projection<{ count: number }>({
  name: 'by-stream',
  keysOf: ({ stream }) => [stream],
  evolve: (row, { type }) => (type === 'End' ? undefined : { count: (row?.count ?? 0) + 1 }),
});
const folds = foldsOf({ aggregates: [types, longer], projections: [byStream] });

const event = (stream: string, type: string, data: object = {}) => ({
  ...{ id: 'e', stream, type, data, metadata: {}, occurredAt: '1970-01-01T00:00:00.007Z' },
});

async function answers(...lines: object[]): Promise<unknown[]> {
  const given = async function* () {
    for (const line of lines) yield JSON.stringify(line);
  };
  return Array.fromAsync(foldLines(folds, given()));
}

describe('the folds of a service, asked from outside', () => {
  it('give the state after each event of a stream, beginning with the state of an empty one', async () => {
    const events = [event('letter-box-1', 'A'), event('letter-box-1', 'B')];
    expect(await answers({ stream: 'letter-box-1' }, ...events)).toEqual([
      { aggregate: 'letter-box', state: 0 },
      { state: 1 },
      { state: 2 },
    ]);
  });

  it('never see personal data, not even as ciphertext', async () => {
    const [, { state }] = (await answers(
      { stream: 'letter-1' },
      event('letter-1', ChargeSucceeded.type, { email: 'enc1:x', paymentId: 'pi_1' }),
    )) as [unknown, { state: string[] }];
    expect(state).toEqual([`${ChargeSucceeded.type} {"email":null,"paymentId":"pi_1","ip":null} 7`]);
  });

  it('answer for a stream that nobody folds that there is no state', async () => {
    expect(await answers({ stream: 'parcel-1' }, event('parcel-1', 'A'))).toEqual([{ aggregate: null }, {}]);
  });

  it('give the rows of a projection after the last event, without those that were deleted, all or some', async () => {
    const events = ['b', 'a', 'c', 'b'].map((key) => event(key, 'A'));
    const ended = event('c', 'End');
    expect(await answers({ projection: 'by-stream' }, ...events, ended)).toEqual([
      { key: 'a', state: { count: 1 } },
      { key: 'b', state: { count: 2 } },
    ]);
    expect(await answers({ projection: 'by-stream', keys: ['b'] }, ...events)).toEqual([
      { key: 'b', state: { count: 2 } },
    ]);
  });

  it('name the projections there are when asked for another', async () => {
    await expect(answers({ projection: 'other' })).rejects.toThrow(/FOLD_UNKNOWN: .*by-stream, dead-letter-groups/);
  });

  it('must not share a name', () => {
    expect(() => foldsOf({ aggregates: [types, { ...types }] })).toThrow(/FOLDS_INVALID: .*aggregate letter/);
  });

  it('are found by the longest name of a stream', () => {
    expect(aggregateOf(folds.aggregates, 'letter-box-1')).toBe(longer);
    expect(aggregateOf(folds.aggregates, 'letter-7')).toBe(types);
    expect(aggregateOf(folds.aggregates, 'letterbox-7')).toBeUndefined();
  });
});
