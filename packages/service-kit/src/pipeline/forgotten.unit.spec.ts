import { forgettable, markOf, withForgotten } from './forgotten.js';
import { itemOf } from './pipeline.fixture.js';

const now = new Date('2026-06-01T12:00:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000);
const message = { source: '/services/fraud', type: 'fraud.v1.PaymentApproved' };
const place = { stream: 'fraud-case-1', sequence: 3 };

function aged(days: number, sequence: number) {
  const item = itemOf(`m-${days}-${sequence}`, 'k');
  const mark = markOf({ topic: 'payments.events' }, message, { ...place, sequence })!;
  return { ...item, message: { ...item.message, time: daysAgo(days) }, inbox: { ...item.inbox!, mark } };
}

describe('a message that the inbox may have forgotten', () => {
  it('has a mark when its topic is kept for ever, and only then', () => {
    expect(markOf({ topic: 'payments.events' }, message, place)).toEqual({
      key: '/services/fraud/fraud-case-1 fraud.v1.PaymentApproved',
      sequence: 3,
    });
    expect(markOf({ topic: 'payments.commands' }, message, place)).toBeUndefined();
    expect(markOf({ topic: 'payments.events' }, message, {})).toBeUndefined();
  });

  it('is looked for among the marks before its partition can be gone, and no younger one is', () => {
    const items = [aged(390, 1), aged(44, 2), aged(42, 3), aged(0, 4)];
    expect(forgettable(items, now)).toEqual(items.slice(0, 2));
  });

  it('is a repeat up to the mark of its stream and type, and new above it', () => {
    const items = [aged(390, 2), aged(390, 3), aged(390, 4)];
    const seen = withForgotten(new Map(), items, new Map([[items[0]!.inbox.mark.key, 3]]));
    expect([...seen.keys()]).toEqual([items[0]!.inbox.id, items[1]!.inbox.id]);
    expect(withForgotten(new Map(), items, new Map())).toEqual(new Map());
  });
});
