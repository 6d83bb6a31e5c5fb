import { RefundRefused } from '@towpath/contracts/commerce/RefundRefused.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { leftMinor, type OrderLedger } from './order-money.js';

/** ISO 4217 for no currency: of an order that nobody paid none is known. */
export const NO_CURRENCY = 'XXX';

interface Asked {
  readonly refundId: string;
  readonly orderId: string;
  readonly amountMinor: number | null;
}

/** Says that a refund is not done, and how much could be. */
export function refundRefused(
  { refundId, orderId, amountMinor }: Asked,
  code: string,
  ledger: OrderLedger,
  now: Date,
): Emission<typeof RefundRefused> {
  return emit(RefundRefused, {
    ...{ refundId, orderId, code, amountMinor, leftMinor: leftMinor(ledger) },
    currency: ledger.paid?.currency ?? NO_CURRENCY,
    refusedAt: now.getTime(),
  });
}
