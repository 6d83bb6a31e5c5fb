import { Injectable } from '@nestjs/common';
import { EffectAttemptDue } from '@towpath/contracts/egress/EffectAttemptDue.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { Dispatcher } from './dispatcher.js';
import { openEffects } from './ledger.projection.js';

/** Hands a deferred effect over again when its timer rings. */
@Injectable()
@Handles(EffectAttemptDue)
export class ResumeEffect {
  constructor(private readonly dispatcher: Dispatcher) {}

  reads({ data }: Received<typeof EffectAttemptDue>): Reads {
    return { rows: [openEffects.at(data.effectId)] };
  }

  handle({ data }: Received<typeof EffectAttemptDue>, state: DecisionState): readonly [] {
    const effect = state.row(openEffects, data.effectId);
    if (effect?.attempts === data.attempt - 1) this.dispatcher.offer({ ...effect, content: null });
    return [];
  }
}
