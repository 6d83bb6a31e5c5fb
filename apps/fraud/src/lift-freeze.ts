import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { ReleasePayouts } from '@towpath/contracts/payments/ReleasePayouts.v1';
import { ResumeCaptures } from '@towpath/contracts/payments/ResumeCaptures.v1';
import type { DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import { accounts } from './profiles/accounts.projection.js';

export const UNFREEZE_EMITS = [AccountUnfrozen, ResumeCaptures, ReleasePayouts] as const;

/** Lets money of a frozen account go again. Payments that the freeze blocked stay blocked. */
export function liftFreeze(
  { accountId, actor, reason }: { readonly accountId: string; readonly actor: string; readonly reason: string },
  state: DecisionState,
): Emission<(typeof UNFREEZE_EMITS)[number]>[] {
  const held = state.row(accounts, accountId)?.held ?? null;
  return [
    emit(AccountUnfrozen, { accountId, actor, reason, unfrozenAt: state.now.getTime() }),
    emit(ResumeCaptures, { accountId, reason }),
    ...(held === null ? [] : [emit(ReleasePayouts, { accountId, connectedAccountId: held, reason })]),
  ];
}
