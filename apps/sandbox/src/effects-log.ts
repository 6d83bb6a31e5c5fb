import { readFileSync } from 'node:fs';
import type { Change } from './stripe-actions.js';

/** What a call came to: only `acted` changed anything. */
export type CallOutcome = 'acted' | 'replayed' | 'refused' | 'failed';

/** One mutating call in the sandbox's own log, the witness of what really happened at the provider. */
export interface EffectLine {
  readonly seq: number;
  /** ISO 8601 */
  readonly time: string;
  readonly provider: 'stripe';
  /** capture, cancel, refund, payout-schedule, charge, pause-subscription, resume-subscription or pay-invoice */
  readonly action: string;
  /** the payment, or the connected account */
  readonly subject: string;
  /** minor units; null when no money moves */
  readonly amount: number | null;
  readonly currency: string | null;
  readonly idempotencyKey: string | null;
  readonly outcome: CallOutcome;
  readonly replayed: boolean;
  /** status that was answered; null when the call was left hanging */
  readonly status: number | null;
  /** the provider's error code, or null */
  readonly code: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** what a restart needs to know the state and to answer a repeat of the key */
  readonly restore: { readonly fingerprint: string; readonly change: Change } | null;
}

/** Every complete line of an effects log; an effect is a line whose outcome is `acted`. */
export function readEffects(path: string): EffectLine[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  // The last element is what follows the last newline: nothing, or half a line that is still being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as EffectLine);
}
