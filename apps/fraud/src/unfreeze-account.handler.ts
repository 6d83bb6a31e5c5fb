import { UnfreezeAccount } from '@towpath/contracts/fraud/UnfreezeAccount.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { account } from './account.js';
import { liftFreeze, UNFREEZE_EMITS } from './lift-freeze.js';
import { accounts } from './profiles/accounts.projection.js';

const EMITS = [...UNFREEZE_EMITS, ReviewClosed] as const;

/** A person lifts a freeze and says why. Payments that the freeze blocked stay blocked. */
@Handles(UnfreezeAccount, { emits: EMITS })
export class UnfreezeAccountHandler implements Handler<typeof UnfreezeAccount, typeof EMITS> {
  reads({ data }: Received<typeof UnfreezeAccount>): Reads {
    return { streams: [account.of(data.accountId)], rows: [accounts.at(data.accountId)] };
  }

  handle({ data }: Received<typeof UnfreezeAccount>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { accountId, actor, reason } = data;
    const { frozen } = state.of(account, accountId);
    if (!frozen) throw new Permanent('ACCOUNT_NOT_FROZEN', `account ${accountId} is not frozen`);
    if (reason.trim() === '') throw new Permanent('REASON_MISSING', 'give a reason: it is recorded with the decision');
    return [...liftFreeze(data, state), emit(ReviewClosed, { reviewId: frozen.reviewId, outcome: 'unfrozen', actor })];
  }
}
