import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** Whether money may leave on behalf of an account. */
export interface AccountState {
  /** set while the account is frozen */
  readonly frozen?: {
    readonly reviewId: string;
    readonly reason: string;
    /** payments whose cancellation the freeze commanded, decided or not */
    readonly canceledPayments: readonly string[];
  };
}

export const account = aggregate<AccountState>({
  stream: 'account',
  initial: {},
  evolve: (state, event) => {
    if (isOf(AccountFrozen, event)) {
      const { reviewId, reason, canceledPayments } = event.data;
      return { frozen: { reviewId, reason, canceledPayments } };
    }
    if (isOf(AccountUnfrozen, event)) return {};
    return state;
  },
});
