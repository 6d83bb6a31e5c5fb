import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { InspectedEvent, Inspector } from '@towpath/event-store/inspect';
import type { Decision, Evidence, SeenDecision, SeenEffect, SentDelivery } from './demo-verdict.js';

const DECISIONS: Readonly<Record<string, Decision>> = {
  [PaymentApproved.type]: 'approved',
  [PaymentHeldForReview.type]: 'held',
  [PaymentBlocked.type]: 'blocked',
};
const EVENTS_MAX = 1_000;

/** What is known now: decisions and reviews from the stores, effects from the sandbox's own log. */
export async function gatherEvidence(
  inspector: Inspector,
  home: string,
  sent: readonly SentDelivery[],
): Promise<Evidence> {
  const [fraud, letters, deliveries] = await Promise.all([
    inspector.recent({ schema: 'fraud', limit: EVENTS_MAX }),
    inspector.recent({ type: DeadLettered.type, limit: EVENTS_MAX }),
    inspector.deliveries({ schema: 'triage', limit: EVENTS_MAX }),
  ]);
  const freezes = ofType<{ accountId: string; canceledPayments: string[] }>(fraud, AccountFrozen.type);
  const closed = new Set(ofType<{ reviewId: string }>(fraud, ReviewClosed.type).map(({ data }) => data.reviewId));
  const reviews = ofType<{ reviewId: string; subjectId: string }>(fraud, ReviewRequested.type);
  return {
    sent,
    decisions: fraud.flatMap(decisionOf),
    effects: effectsIn(join(home, 'sandbox', 'effects.jsonl')),
    freezes: freezes.map(({ data, occurredAt }) => ({ ...data, at: occurredAt.getTime() })),
    openReviews: reviews.flatMap(({ data }) => (closed.has(data.reviewId) ? [] : [data.subjectId])),
    repeats: deliveries.reduce((sum, { repeats }) => sum + repeats, 0),
    deadLetters: letters.length,
  };
}

function decisionOf({ type, data, occurredAt }: InspectedEvent): SeenDecision[] {
  const decision = DECISIONS[type];
  if (!decision) return [];
  const { paymentId, accountId } = data as { paymentId: string; accountId: string };
  return [{ paymentId, accountId, decision, at: occurredAt.getTime() }];
}

function ofType<Data>(events: readonly InspectedEvent[], type: string): { data: Data; occurredAt: Date }[] {
  return events
    .filter((event) => event.type === type)
    .map(({ data, occurredAt }) => ({ data: data as Data, occurredAt }));
}

function effectsIn(file: string): SeenEffect[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const { action, subject, time, outcome } = JSON.parse(line) as Record<
      'action' | 'subject' | 'time' | 'outcome',
      string
    >;
    return outcome === 'acted' ? [{ action, subject, at: Date.parse(time) }] : [];
  });
}
