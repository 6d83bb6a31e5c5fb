import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { WelcomeMailFailed } from '@towpath/contracts/growth/WelcomeMailFailed.v1';
import { WelcomeMailSent } from '@towpath/contracts/growth/WelcomeMailSent.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { EffectEnd } from '../effect-end.js';
import { newsOf, readsToSettle } from './step.js';
import { welcome } from './welcome.js';

const EMITS = [WelcomeMailSent, WelcomeMailFailed] as const;

/** Records how the mail of welcome ended. */
@Handles(EffectConfirmed, { emits: EMITS })
@Handles(EffectFailed, { emits: EMITS })
@Handles(EffectOutcomeUnknown, { emits: EMITS })
export class RecordWelcome {
  reads(message: EffectEnd): Reads {
    return readsToSettle(welcome, message);
  }

  handle(message: EffectEnd, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const news = newsOf(welcome, message, state);
    if (!news) return [];
    const { customerId, end } = news;
    const about = { customerId, effectId: message.data.effectId };
    const at = state.now.getTime();
    if (!end.done) return [emit(WelcomeMailFailed, { ...about, code: end.code, failedAt: at })];
    return [emit(WelcomeMailSent, { ...about, sentAt: at })];
  }
}
