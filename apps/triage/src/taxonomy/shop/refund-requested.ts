import { RefundRequested } from '@towpath/contracts/orders/RefundRequested.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import {
  asCode,
  fieldsAt,
  requiredCode,
  requiredCurrency,
  textAt,
  timeAt,
  wholeBetween,
  type Fields,
} from '../fields.js';
import type { Delivered, Lookups } from '../taxonomy.js';
import { customerIn, MONEY_MAX } from './shop-fields.js';

/** What a shop's `refund.requested` asks for; throws BodyInvalid. */
export function refundRequested(
  event: Fields,
  delivery: Delivered,
  lookups: Lookups,
): Emission<typeof RefundRequested> {
  const data = fieldsAt(event, 'data');
  const isPart = data['amountMinor'] !== undefined && data['amountMinor'] !== null;
  return emit(RefundRequested, {
    refundId: requiredCode(data, 'refundId'),
    orderId: requiredCode(data, 'orderId'),
    source: delivery.data.source,
    ...customerIn(data, lookups),
    amountMinor: isPart ? wholeBetween(data, 'amountMinor', 1, MONEY_MAX) : null,
    currency: requiredCurrency(data),
    // Free words may name a person and stay readable for ever.
    reason: asCode(textAt(data, 'reason')?.toLowerCase() ?? null) ?? 'other',
    requestedAt: timeAt(event, 'timestamp', delivery.data.receivedAt),
  });
}
