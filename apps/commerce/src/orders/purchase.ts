import { OrderCanceled } from '@towpath/contracts/orders/OrderCanceled.v1';
import { OrderEndNoted } from '@towpath/contracts/orders/OrderEndNoted.v1';
import { OrderOpened } from '@towpath/contracts/orders/OrderOpened.v1';
import { PurchaseCompleted } from '@towpath/contracts/orders/PurchaseCompleted.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** An order, without what is personal in it. */
export type OrderFacts = Omit<OrderOpened, 'email' | 'name' | 'itemsText' | 'openedAt'>;

/** One order in the shop's books. */
export interface Purchase {
  /** set once the order came */
  readonly order?: OrderFacts;
  /** how its fulfilment ended, while that is known and the order is not */
  readonly noted?: OrderEndNoted;
  /** set once, and never changed */
  readonly end?: 'completed' | 'canceled';
}

export const purchase = aggregate<Purchase>({
  stream: 'purchase',
  initial: {},
  evolve: (state, event) => {
    if (isOf(OrderOpened, event)) return { ...state, order: factsOf(event.data) };
    if (isOf(OrderEndNoted, event)) return { ...state, noted: event.data };
    if (isOf(PurchaseCompleted, event)) return ended(state, 'completed');
    if (isOf(OrderCanceled, event)) return ended(state, 'canceled');
    return state;
  },
});

function factsOf({ email: _email, name: _name, itemsText: _items, openedAt: _at, ...facts }: OrderOpened): OrderFacts {
  return facts;
}

function ended({ order }: Purchase, end: 'completed' | 'canceled'): Purchase {
  return { ...(order && { order }), end };
}
