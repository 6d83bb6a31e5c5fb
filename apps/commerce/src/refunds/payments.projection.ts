import { OrderCharged } from '@towpath/contracts/commerce/OrderCharged.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';

/** Which order a provider's payment is for. */
export const payments = projection<{ readonly orderId: string }>({
  name: 'payments',
  keysOf: (event) => (isOf(OrderCharged, event) ? [event.data.paymentId] : []),
  evolve: (row, event) => (isOf(OrderCharged, event) ? { orderId: event.data.orderId } : row),
});
