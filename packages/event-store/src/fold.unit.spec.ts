import { aggregate, fold } from './fold.js';
import { project, projection } from './projection.js';
import type { DomainEvent } from './types.js';

function event(type: string, stream: string, amount = 0): DomainEvent {
  const metadata = { correlationId: 'c', causationId: 'd', hops: 0, handler: 'Spec' };
  return { id: `${type}-${stream}-${amount}`, stream, type, data: { amount }, metadata, occurredAt: new Date(0) };
}

const account = aggregate<{ readonly balance: number }>({
  stream: 'account',
  initial: { balance: 0 },
  evolve: (state, { type, data }) =>
    type === 'Paid' ? { balance: state.balance + (data as { amount: number }).amount } : state,
});

const totals = projection<{ readonly total: number }>({
  name: 'totals',
  keysOf: ({ type, stream }) => (type === 'Ignored' ? [] : [stream, 'all']),
  evolve: (row, { type, data }) =>
    type === 'Closed' ? undefined : { total: (row?.total ?? 0) + (data as { amount: number }).amount },
});

describe('folding', () => {
  it('gives the initial state for no events, and the same state for the same events', () => {
    const events = [event('Paid', 'account-1', 3), event('Unknown', 'account-1'), event('Paid', 'account-1', 4)];
    expect(fold(account, [])).toBe(account.initial);
    expect(fold(account, events)).toEqual({ balance: 7 });
    expect(fold(account, events)).toEqual(fold(account, events));
  });

  it('goes on from a state', () => {
    const [first, second] = [event('Paid', 'account-1', 3), event('Paid', 'account-1', 4)];
    expect(fold(account, [second], fold(account, [first]))).toEqual(fold(account, [first, second]));
  });

  it('names the stream of one aggregate', () => {
    expect(account.of('1')).toBe('account-1');
  });
});

describe('projecting', () => {
  it('changes every row that an event names and no other', () => {
    const rows = project(totals, [event('Paid', 'a', 1), event('Paid', 'b', 2), event('Ignored', 'a', 9)]);
    expect(Object.fromEntries(rows)).toEqual({ a: { total: 1 }, b: { total: 2 }, all: { total: 3 } });
  });

  it('drops a row that ends, and starts it anew afterwards', () => {
    const rows = project(totals, [event('Paid', 'a', 1), event('Closed', 'a'), event('Paid', 'a', 5)]);
    expect(rows.get('a')).toEqual({ total: 5 });
    expect(totals.at('a')).toEqual({ name: 'totals', key: 'a' });
  });
});
