import { OrderCharged } from '@towpath/contracts/commerce/OrderCharged.v1';
import { OrderPaid } from '@towpath/contracts/commerce/OrderPaid.v1';
import { ProviderReturnNoted } from '@towpath/contracts/commerce/ProviderReturnNoted.v1';
import { RefundPosted } from '@towpath/contracts/commerce/RefundPosted.v1';
import { RefundReleased } from '@towpath/contracts/commerce/RefundReleased.v1';
import { RefundReserved } from '@towpath/contracts/commerce/RefundReserved.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { OrderLedger, Refund } from './order-money.js';

export const orderLedger = aggregate<OrderLedger>({
  stream: 'order-ledger',
  initial: { refunds: {}, returns: {} },
  evolve: (state, event) => {
    if (isOf(OrderCharged, event)) {
      const { paymentId, provider } = event.data;
      return { ...state, charge: { paymentId, provider } };
    }
    if (isOf(OrderPaid, event)) return { ...state, paid: event.data };
    if (isOf(ProviderReturnNoted, event)) {
      return { ...state, returns: { ...state.returns, [event.data.returnId]: event.data.amountMinor } };
    }
    if (isOf(RefundReserved, event)) {
      const { refundId, amountMinor, repeated } = event.data;
      return repeated ? state : withRefund(state, refundId, { status: 'reserved', amountMinor });
    }
    if (isOf(RefundReleased, event)) return released(state, event.data.refundId);
    if (isOf(RefundPosted, event)) {
      const { refundId, amountMinor, method, entryId } = event.data;
      return withRefund(state, refundId, { status: 'posted', amountMinor, method, entryId });
    }
    return state;
  },
});

/** What was paid stays paid, whatever is said of its reservation afterwards. */
function released(state: OrderLedger, refundId: string): OrderLedger {
  const before = state.refunds[refundId];
  if (before?.status === 'posted') return state;
  return withRefund(state, refundId, { status: 'released', amountMinor: 0 });
}

function withRefund(state: OrderLedger, refundId: string, refund: Refund): OrderLedger {
  return { ...state, refunds: { ...state.refunds, [refundId]: refund } };
}
