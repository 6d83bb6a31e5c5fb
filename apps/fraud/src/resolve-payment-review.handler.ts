import { ResolvePaymentReview } from '@towpath/contracts/fraud/ResolvePaymentReview.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { fraudCase } from './fraud-case.js';
import { capture, giveBack, MONEY_COMMANDS } from './money-commands.js';
import { closeReview, REVIEW_CLOSING } from './reviews.js';

const EMITS = [...MONEY_COMMANDS, ...REVIEW_CLOSING] as const;

/** A person decides a held payment. Refused as a dead letter when there is nothing to decide, or no reason is given. */
@Handles(ResolvePaymentReview, { emits: EMITS })
export class ResolvePaymentReviewHandler implements Handler<typeof ResolvePaymentReview, typeof EMITS> {
  reads({ data }: Received<typeof ResolvePaymentReview>): Reads {
    return { streams: [fraudCase.of(data.paymentId)] };
  }

  handle({ data }: Received<typeof ResolvePaymentReview>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { paymentId, decision, actor, reason } = data;
    const before = state.of(fraudCase, paymentId);
    const { facts, openReview } = before;
    if (!facts || !openReview) {
      throw new Permanent(
        'REVIEW_NOT_OPEN',
        `payment ${paymentId} has no open review; see \`towpath trace ${paymentId}\``,
      );
    }
    if (reason.trim() === '') throw new Permanent('REASON_MISSING', 'give a reason: it is recorded with the decision');
    const words = `${decision} by ${actor}: ${reason}`;
    switch (decision) {
      case 'approve': {
        const ending = { outcome: 'approved', actor, reason, at: state.now } as const;
        return [...closeReview(before, ending), ...capture(before, facts, words)];
      }
      case 'reject': {
        const ending = { outcome: 'rejected', actor, reason, at: state.now } as const;
        return [...closeReview(before, ending), ...giveBack(before, facts, words)];
      }
      default:
        throw new Permanent('DECISION_UNKNOWN', `decision "${decision}" is neither approve nor reject`);
    }
  }
}
