import { ReviewDeadlinePassed } from '@towpath/contracts/fraud/ReviewDeadlinePassed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { fraudCase } from './fraud-case.js';
import { giveBack, MONEY_COMMANDS } from './money-commands.js';
import { closeReview, REVIEW_CLOSING } from './reviews.js';

const EMITS = [...MONEY_COMMANDS, ...REVIEW_CLOSING] as const;

/** Nobody decided a held payment, and its authorisation expires soon: it is cancelled, and that is recorded. */
@Handles(ReviewDeadlinePassed, { emits: EMITS })
export class PassReviewDeadline implements Handler<typeof ReviewDeadlinePassed, typeof EMITS> {
  reads({ data }: Received<typeof ReviewDeadlinePassed>): Reads {
    return { streams: [fraudCase.of(data.paymentId)] };
  }

  handle({ data }: Received<typeof ReviewDeadlinePassed>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const before = state.of(fraudCase, data.paymentId);
    const { facts, openReview, captured } = before;
    // Money that was taken meanwhile does not expire: the review stays open for a person.
    if (!facts || !openReview || captured) return [];
    const reason = 'nobody decided before the authorisation expires';
    const ending = { outcome: 'expired', actor: null, reason, at: state.now } as const;
    return [...giveBack(before, facts, reason), ...closeReview(before, ending)];
  }
}
