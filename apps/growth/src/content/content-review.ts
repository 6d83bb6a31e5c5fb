import type { ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import { CONTENT_WRITER } from './content-writer.agent.js';
import type { Draft } from './drafts.js';

const SLA_MINUTES = 60;

/** What a person is asked: to send exactly these words, made from these pieces. */
export function contentReview(contactId: string, draft: Draft, text?: string): ReviewRequest {
  const { draftId, textHash, cited, runId, signalId } = draft;
  return {
    ...{ reviewId: reviewIdOf(draftId), service: 'growth', subjectType: 'lead', subjectId: contactId },
    reason: 'a model wrote to a lead in its own words',
    action: 'SendLeadMail',
    arguments: { contactId, draftId, textHash },
    evidence: { signalId, cited: cited.map(({ id, version }) => `${id}@${version}`) },
    ...{ agent: CONTENT_WRITER, runId, slaMinutes: SLA_MINUTES },
    // Only the first asking has the words; what a decision is held against is their hash.
    proposed: { text: text ?? '', personId: contactId },
  };
}

export function reviewIdOf(draftId: string): string {
  return `lead_mail_${draftId}`;
}
