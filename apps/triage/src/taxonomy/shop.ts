import { ReceiveStock } from '@towpath/contracts/commerce/ReceiveStock.v1';
import { emit } from '@towpath/service-kit/message';
import type { DomainMessage } from '../domain-contracts.js';
import { BodyInvalid, asCode, codeAt, fieldsAt, requiredCode, timeAt, wholeBetween, type Fields } from './fields.js';
import { orderPlaced } from './shop/order-placed.js';
import { refundRequested } from './shop/refund-requested.js';
import { PIECES_MAX } from './shop/shop-fields.js';
import type { Delivered, Lookups, Routing, Taxonomy } from './taxonomy.js';
import { contactOfAddress, mailboxIn } from './tickets/contact.js';

type Build = (event: Fields, delivery: Delivered, lookups: Lookups) => DomainMessage;

/** What a shop tells, as it sends it by Standard Webhooks: `{ type, timestamp, data }`. */
const BUILDS: Readonly<Record<string, Build>> = {
  'order.placed': orderPlaced,
  'refund.requested': refundRequested,
  'stock.received': stockReceived,
};

export const shop: Taxonomy = {
  provider: 'shop',
  chargesOf: () => [],
  route(body, delivery, lookups): Routing {
    const event = body as Fields;
    const mailbox = mailboxIn(fieldsAt(event, 'data')['customer']);
    const about = {
      providerType: codeAt(event, 'type') ?? 'unknown',
      providerEventId: asCode(delivery.data.signedId),
      owner: mailbox === null ? null : contactOfAddress(mailbox.address, lookups),
    };
    const build = Object.hasOwn(BUILDS, about.providerType) ? BUILDS[about.providerType] : undefined;
    if (!build) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    try {
      return { kind: 'routed', about, messages: [build(event, delivery, lookups)] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};

function stockReceived(event: Fields, delivery: Delivered): DomainMessage {
  const data = fieldsAt(event, 'data');
  return emit(ReceiveStock, {
    sku: requiredCode(data, 'sku'),
    receiptId: requiredCode(data, 'receiptId'),
    quantity: wholeBetween(data, 'quantity', 1, PIECES_MAX),
    receivedAt: timeAt(event, 'timestamp', delivery.data.receivedAt),
  });
}
