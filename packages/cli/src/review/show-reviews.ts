import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { openInspector, type InspectedEvent, type Inspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import type { View } from '../reveal/mask.js';
import { factsOf } from '../watch/facts.js';
import { nameOf } from '../watch/watch-line.js';
import { findReview, findReviews, type FoundReview, type ReviewFilter } from './find-reviews.js';

/** One line a review: what is asked about what, how much money, how old it is. */
export async function listReviews(
  context: Context,
  addresses: Addresses,
  filter: ReviewFilter,
  limit: number,
): Promise<void> {
  await inspected(addresses, async (inspector) => {
    const found = (await findReviews(inspector, filter, limit)).slice(0, limit);
    for (const review of found) context.show(lineOf(context, review), objectOf(review));
    if (found.length === 0) context.note('nobody has to decide anything');
  });
}

/** What is asked, what speaks for it, and what happened to the review so far. `view` masks personal data, or reveals it. */
export async function showReview(context: Context, addresses: Addresses, id: string, view: View): Promise<void> {
  await inspected(addresses, async (inspector) => {
    const review = await findReview(inspector, id);
    const { reviewId } = review.asked;
    const streams = [`review-${reviewId}`, `review-case-${reviewId}`];
    const history = await historyOf(inspector, streams);
    const asked = (await view(ReviewRequested.type, review.asked)) as FoundReview['asked'];
    const lines = [
      lineOf(context, review),
      ...fieldsOf(review, asked).map(([name, value]) => `  ${name.padEnd(12)}  ${value}`),
      ...history.map(({ type, data, occurredAt }) => {
        const facts = factsOf(data).join(' · ');
        return `  ${occurredAt.toISOString()}  ${context.colors.bold(nameOf(type))}  ${facts}`;
      }),
    ];
    const events = history.map(({ type, occurredAt, schema }) => ({ type, at: occurredAt, service: schema }));
    context.show(lines.join('\n'), { ...objectOf(review), asked, events });
  });
}

async function inspected<T>(addresses: Addresses, act: (inspector: Inspector) => Promise<T>): Promise<T> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    return await act(inspector);
  } finally {
    await inspector.close();
  }
}

type History = Pick<InspectedEvent, 'type' | 'data' | 'occurredAt' | 'schema'>[];

async function historyOf(inspector: Inspector, streams: readonly string[]): Promise<History> {
  const parts = await Promise.all(
    (await inspector.schemas()).map(async (schema) => {
      const rows = await inspector.query<{ type: string; data: unknown; occurred_at: Date }>(
        `select type, data, occurred_at from ${schema}.events where stream = any($1) order by stream, version limit 200`,
        [streams],
      );
      return rows.map(({ type, data, occurred_at: occurredAt }) => ({ type, data, occurredAt, schema }));
    }),
  );
  return parts.flat().sort((one, other) => one.occurredAt.getTime() - other.occurredAt.getTime());
}

function lineOf({ colors }: Context, { asked, service, askedAt, outcome, endorsedBy }: FoundReview): string {
  const { reviewId, subjectType, subjectId, action, amountMinor, currency, reason = '' } = asked;
  const money = amountMinor == null ? '' : ` ${amountMinor} ${currency ?? ''}`;
  const state = outcome ?? (endorsedBy.length > 0 ? `agreed by ${endorsedBy.join(', ')}` : 'open');
  const what = `${service} ${action ?? 'decide'} ${subjectType} ${subjectId}${money}`;
  return `${askedAt.toISOString()}  ${colors.bold(reviewId)}  ${state}  ${what} · ${reason}`;
}

function fieldsOf({ asked: { evidence } }: FoundReview, asked: FoundReview['asked']): [string, string][] {
  const fields: [string, string | null | undefined][] = [
    ['agent', asked.agent],
    ['run', asked.runId],
    ['evidence', evidence],
    ['proposed', asked.proposedText],
    ['choices', asked.choices?.join(', ')],
    ['roles', asked.roles?.join(', ')],
    ['action hash', asked.actionHash],
    ['due', asked.dueAt == null ? null : new Date(asked.dueAt).toISOString()],
  ];
  return fields.filter((field): field is [string, string] => Boolean(field[1]));
}

function objectOf({ asked, service, askedAt, outcome, endorsedBy }: FoundReview): object {
  const { reviewId, subjectType, subjectId, action = null, amountMinor = null, currency = null, reason } = asked;
  const what = { reviewId, service, subjectType, subjectId, action, amountMinor, currency, reason };
  return { ...what, askedAt, outcome, endorsedBy };
}
