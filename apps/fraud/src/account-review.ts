import type { ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import type { AccountState } from './account.js';

/** Lifting a freeze lets all money of the account go again. */
const ROLES = ['fraud-lead', 'supervisor', 'admin'];

/** What people are asked about a frozen account: whether the freeze is lifted. */
export function accountReview(
  accountId: string,
  { reviewId, reason }: Pick<NonNullable<AccountState['frozen']>, 'reviewId' | 'reason'>,
): ReviewRequest {
  return {
    ...{ reviewId, reason, service: 'fraud', subjectType: 'account', subjectId: accountId },
    ...{ action: 'UnfreezeAccount', arguments: { accountId }, evidence: { reason }, roles: ROLES },
  };
}
