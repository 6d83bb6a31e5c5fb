import { Injectable } from '@nestjs/common';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { EffectRecalled } from '@towpath/contracts/egress/EffectRecalled.v1';
import { ProbeEffect } from '@towpath/contracts/platform/ProbeEffect.v1';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { Dispatcher } from './dispatcher.js';
import { effectIdOf, idempotencyKeyOf } from './effect-id.js';
import { originOfCommand } from './effect-of-command.js';
import { effects } from './effect.js';
import { openEffects, reopenedEffect } from './ledger.projection.js';
import { answerProbe, type ProbeAnswer } from './probe-effect.decider.js';

const EMITS = [EffectRecalled, EffectConfirmed, EffectFailed, EffectOutcomeUnknown] as const;

/**
 * Tells what became of the effect of a command, and has it not begin any more. Of one that ended the end is told again; one that
 * is open ends by itself, sooner; one whose outcome nobody knew is looked at again. A command that comes after its probe is late:
 * it finds its effect recalled.
 */
@Injectable()
@Handles(ProbeEffect, { emits: EMITS })
export class AnswerProbe {
  constructor(private readonly dispatcher: Dispatcher) {}

  reads({ data }: Received<typeof ProbeEffect>): Reads {
    const effectId = effectIdOf(data.commandId);
    return { streams: [effects.of(effectId)], rows: [openEffects.at(effectId)] };
  }

  handle(probe: Received<typeof ProbeEffect>, state: DecisionState): readonly Emission<(typeof EMITS)[number]>[] {
    const effectId = effectIdOf(probe.data.commandId);
    const names = { effectId, idempotencyKey: idempotencyKeyOf(effectId) };
    const answers = answerProbe(probe.data, names, state.of(effects, effectId), state.now.getTime());
    for (const { kind, data } of answers) if (kind === 'recalled') this.recall(data, probe);
    return answers.map(emissionOf);
  }

  /** Hints for this process; another replica that has the effect learns it from the ledger. */
  private recall(data: EffectRecalled, probe: Received): void {
    const again = reopenedEffect(data, originOfCommand(probe));
    if (again) this.dispatcher.offer(again);
    else this.dispatcher.recall(data);
  }
}

function emissionOf(answer: ProbeAnswer): Emission<(typeof EMITS)[number]> {
  switch (answer.kind) {
    case 'recalled':
      return emit(EffectRecalled, answer.data);
    case 'confirmed':
      return emit(EffectConfirmed, answer.data);
    case 'failed':
      return emit(EffectFailed, answer.data);
    case 'unknown':
      return emit(EffectOutcomeUnknown, answer.data);
  }
}
