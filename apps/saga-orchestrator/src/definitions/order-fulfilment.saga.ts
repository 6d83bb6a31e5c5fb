import { InventoryReleased } from '@towpath/contracts/commerce/InventoryReleased.v1';
import { InventoryReserved } from '@towpath/contracts/commerce/InventoryReserved.v1';
import { InventoryUnavailable } from '@towpath/contracts/commerce/InventoryUnavailable.v1';
import { ReleaseInventory } from '@towpath/contracts/commerce/ReleaseInventory.v1';
import { ReserveInventory } from '@towpath/contracts/commerce/ReserveInventory.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { OrderPlaced } from '@towpath/contracts/orders/OrderPlaced.v1';
import { ChargeCard } from '@towpath/contracts/payments/ChargeCard.v1';
import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import { BookShipment } from '@towpath/contracts/shipping/BookShipment.v1';
import { CancelShipment } from '@towpath/contracts/shipping/CancelShipment.v1';
import { ask } from '@towpath/sagas/ask';
import { saga } from '@towpath/sagas/saga';
import { orderConfirmed } from './order-letters.js';

const HOUR_MS = 3_600_000;
/** What egress ends, it ends: with an answer, or by saying that nobody knows. */
const byEgress = { done: EffectConfirmed, failed: EffectFailed, unknown: EffectOutcomeUnknown } as const;
const NOT_FULFILLED = 'the order could not be fulfilled';

/** Charges the card, keeps the pieces, books the parcel, and at last, when nothing can fail any more, tells the customer. */
export const orderFulfilment = saga('order-fulfilment', { version: 1, deadlineMs: 24 * HOUR_MS })
  .startsWith(OrderPlaced, ({ orderId }) => orderId)
  .step('charge', {
    ...byEgress,
    do: ({ key, start: { accountId, paymentMethodId, amountMinor, currency } }) =>
      ask(ChargeCard, {
        ...{ chargeRef: key, accountId, paymentMethodId, amountMinor, currency },
        description: `Order ${key}`,
      }),
    undo: ({ key, start: { accountId, amountMinor, currency }, results }) =>
      ask(RefundCharge, {
        ...{ refundId: `undo_${key}`, chargeRef: key, paymentId: results.charge?.providerReference ?? null },
        ...{ accountId, amountMinor, currency, reason: NOT_FULFILLED },
      }),
    timeoutMs: 60_000,
  })
  .step('reserve', {
    do: ({ key, start }) =>
      ask(ReserveInventory, { orderId: key, reservationId: `res_${key}`, lines: piecesOf(start.lines) }),
    done: InventoryReserved,
    failed: InventoryUnavailable,
    undo: ({ key }) => ask(ReleaseInventory, { orderId: key, reservationId: `res_${key}`, reason: NOT_FULFILLED }),
    undone: InventoryReleased,
    timeoutMs: 30_000,
  })
  .step('ship', {
    ...byEgress,
    do: ({ key, start: { customerId, name, street, city, postalCode, region, country, lines } }) =>
      ask(BookShipment, {
        ...{ shipmentId: key, customerId, name, street, city, postalCode, region, country },
        ...{ service: null, lines: piecesOf(lines) },
      }),
    undo: ({ key, start: { customerId } }) =>
      ask(CancelShipment, { shipmentId: key, customerId, reason: NOT_FULFILLED }),
    timeoutMs: 60_000,
  })
  // A parcel on its way is not called back because a mailbox is full.
  .optional('confirm', {
    ...byEgress,
    do: ({ key, start }) => ask(SendMail, orderConfirmed(key, start)),
    undo: 'irreversible',
    timeoutMs: 60_000,
    whenFailed: 'continue',
  })
  .build();

function piecesOf(lines: OrderPlaced['lines']): { sku: string; quantity: number }[] {
  return lines.map(({ sku, quantity }) => ({ sku, quantity }));
}
