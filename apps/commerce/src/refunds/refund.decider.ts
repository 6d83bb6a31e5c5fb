import type { ReserveRefund } from '@towpath/contracts/commerce/ReserveRefund.v1';
import { leftMinor, type OrderLedger, type Refund } from './order-money.js';

/** What becomes of a wish to give money back. */
export type RefundDecision =
  | { readonly kind: 'reserved'; readonly amountMinor: number; readonly repeated: boolean }
  | { readonly kind: 'refused'; readonly code: string };

/**
 * Sets money aside if so much is left of what was paid. The same wish again is answered as before; one that comes after it was given
 * up is refused.
 */
export function decideRefund(asked: ReserveRefund, ledger: OrderLedger): RefundDecision {
  const { refundId, amountMinor, currency } = asked;
  const before = ledger.refunds[refundId];
  if (before) return again(asked, before);
  // A gateway that is asked to send back what it never took says that it is done.
  if (!ledger.paid || !ledger.charge) return refused('NOT_PAID');
  if (currency !== ledger.paid.currency) return refused('CURRENCY_DIFFERS');
  if (amountMinor !== null && amountMinor < 1) return refused('AMOUNT_INVALID');
  const left = leftMinor(ledger);
  if (left === 0) return refused('NOTHING_LEFT');
  if (amountMinor !== null && amountMinor > left) return refused('EXCEEDS_PAID');
  return { kind: 'reserved', amountMinor: amountMinor ?? left, repeated: false };
}

/** A refund that is known keeps what was decided of it. */
function again({ amountMinor }: ReserveRefund, before: Refund): RefundDecision {
  if (before.status === 'released') return refused('REFUND_RELEASED');
  if (amountMinor !== null && amountMinor !== before.amountMinor) return refused('REFUND_DIFFERS');
  return { kind: 'reserved', amountMinor: before.amountMinor, repeated: true };
}

function refused(code: string): RefundDecision {
  return { kind: 'refused', code };
}
