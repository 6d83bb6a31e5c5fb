import type { Emission } from '@towpath/service-kit/message';
import type { FraudCase, MoneyStatus } from './fraud-case.js';
import { isRefused } from './fraud-case.js';
import { giveBack, MONEY_COMMANDS } from './money-commands.js';
import { closeReview, REVIEW_CLOSING } from './reviews.js';

/** What the money's new state may ask for. */
export const MONEY_MOVED_EMITS = [...MONEY_COMMANDS, ...REVIEW_CLOSING] as const;

/** What the money's new state asks for: a refund of what was taken behind a refusal, or the end of a review. */
export function moneyMoved(
  before: FraudCase,
  status: MoneyStatus,
  now: Date,
): Emission<(typeof MONEY_MOVED_EMITS)[number]>[] {
  const { facts } = before;
  if (!facts) return [];
  if (status === 'captured' && !before.captured && isRefused(before)) {
    // The cancellation came too late: somebody took the money of a refused payment.
    return giveBack({ ...before, captured: true }, facts, 'captured although it was refused');
  }
  if (status === 'canceled' || status === 'refunded') {
    const reason = `the payment was ${status} at the provider`;
    return closeReview(before, { outcome: 'rejected', actor: null, reason, at: now });
  }
  return [];
}
