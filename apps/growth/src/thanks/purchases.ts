import { PurchaseNoted } from '@towpath/contracts/growth/PurchaseNoted.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** What somebody bought, as far as a note of thanks may speak of it. */
export interface Purchases {
  readonly count: number;
  /** the newest, oldest first */
  readonly orders: readonly { readonly orderId: string; readonly skus: readonly string[]; readonly at: number }[];
}

const ORDERS_MAX = 50;

export const purchases = aggregate<Purchases>({
  stream: 'purchase-history',
  initial: { count: 0, orders: [] },
  evolve: (state, event) => {
    if (!isOf(PurchaseNoted, event)) return state;
    const { orderId, skus, purchasedAt: at } = event.data;
    return { count: state.count + 1, orders: [...state.orders, { orderId, skus, at }].slice(-ORDERS_MAX) };
  },
});
