import { Service } from '@towpath/service-kit/service';
import { ReceiveStockHandler } from './inventory/receive-stock.handler.js';
import { receipts } from './inventory/receipts.js';
import { ReleaseInventoryHandler } from './inventory/release-inventory.handler.js';
import { reservation } from './inventory/reservation.js';
import { ReserveInventoryHandler } from './inventory/reserve-inventory.handler.js';
import { stock } from './inventory/stock.projection.js';
import { TakeInventory } from './inventory/take-inventory.handler.js';
import { EndOrder } from './orders/end-order.handler.js';
import { HearFulfilmentEnd } from './orders/hear-fulfilment-end.handler.js';
import { OpenOrder } from './orders/open-order.handler.js';
import { OrderReader } from './orders/order-reader.js';
import { purchase } from './orders/purchase.js';
import { RecoveryModule } from './recovery/recovery.module.js';
import { customerCredit } from './refunds/customer-credit.js';
import { EnterProviderReturn } from './refunds/enter-provider-return.handler.js';
import { IssueCreditHandler } from './refunds/issue-credit.handler.js';
import { NoteCharge } from './refunds/note-charge.handler.js';
import { NoteDisputeEnd } from './refunds/note-dispute-end.handler.js';
import { NoteDispute } from './refunds/note-dispute.handler.js';
import { NoteProviderRefund } from './refunds/note-provider-refund.handler.js';
import { orderLedger } from './refunds/order-ledger.js';
import { payments } from './refunds/payments.projection.js';
import { PostRefundHandler } from './refunds/post-refund.handler.js';
import { ReleaseRefundHandler } from './refunds/release-refund.handler.js';
import { ReserveRefundHandler } from './refunds/reserve-refund.handler.js';

export const aggregates = [receipts, reservation, purchase, orderLedger, customerCredit] as const;

export const projections = [stock, payments] as const;

export const handlers = [
  ReceiveStockHandler,
  ReserveInventoryHandler,
  ReleaseInventoryHandler,
  TakeInventory,
  OpenOrder,
  HearFulfilmentEnd,
  EndOrder,
  NoteCharge,
  NoteProviderRefund,
  NoteDispute,
  NoteDisputeEnd,
  EnterProviderReturn,
  ReserveRefundHandler,
  ReleaseRefundHandler,
  IssueCreditHandler,
  PostRefundHandler,
];

/** Owns orders, what is there to be sold, what may go back of what was paid, and what becomes of declined payments. */
@Service({
  name: 'commerce',
  handlers,
  aggregates: [...aggregates],
  projections: [...projections],
  providers: [OrderReader],
  imports: [RecoveryModule],
})
export class CommerceModule {}
