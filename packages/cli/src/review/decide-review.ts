import { readFileSync } from 'node:fs';
import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError, UsageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { command } from '../operator/command.js';
import { findReview } from './find-reviews.js';

export interface DecideOptions extends ChangeOptions {
  readonly code: string;
  /** file with the text to use instead of the proposed one, or - */
  readonly text?: string;
}

/**
 * Signs and posts a person's decision about what is asked at this moment; when that changes before it arrives, its owner closes the review as
 * stale and asks anew. Throws REVIEW_UNKNOWN, REVIEW_NOT_OPEN, USAGE, and what `command` throws.
 */
export async function decideReview(
  context: Context,
  addresses: Addresses,
  id: string,
  decision: string,
  options: DecideOptions,
): Promise<void> {
  const { code: reasonCode, text, reason, ...signer } = options;
  if ((decision === 'edit') !== (text !== undefined)) {
    throw new UsageError('`edit` and --text FILE belong together: the text replaces the proposed one.');
  }
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  const review = await findReview(inspector, id).finally(() => inspector.close());
  if (review.outcome !== null) {
    throw new CliError('REVIEW_NOT_OPEN', `review ${review.asked.reviewId} ended: ${review.outcome}.`);
  }
  const { reviewId, subjectType, subjectId, actionHash = null, personId = '' } = review.asked;
  const about = { reviewId, service: review.service, subjectType, subjectId, actionHash, personId };
  const edited = text === undefined ? null : readFileSync(text === '-' ? 0 : text, 'utf8');
  const data = { ...about, decision, reasonCode, reason, edited };
  await command(context, addresses, { type: 'DecideReview', data, done: ['ReviewClosed', 'ReviewEndorsed'] }, signer);
}
