import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import type { Received } from '@towpath/service-kit/message';

/** Every way in which egress says how an effect ended. */
export type EffectEnd =
  Received<typeof EffectConfirmed> | Received<typeof EffectFailed> | Received<typeof EffectOutcomeUnknown>;

/** How it ended: done, under the provider's id, or not, for a stable code. */
export type Ended =
  { readonly done: true; readonly reference: string } | { readonly done: false; readonly code: string };

/** An unknown outcome counts as a failure until it is settled: a later confirmation is heard, too. */
export function endOf(message: EffectEnd): Ended {
  switch (message.type) {
    case EffectConfirmed.type:
      return { done: true, reference: message.data.providerReference };
    case EffectFailed.type:
      return { done: false, code: message.data.code };
    case EffectOutcomeUnknown.type:
      return { done: false, code: 'OUTCOME_UNKNOWN' };
  }
}
