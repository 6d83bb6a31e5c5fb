import { Injectable } from '@nestjs/common';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { ResumeCaptures } from '@towpath/contracts/payments/ResumeCaptures.v1';
import { Handles, type DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { OURSELVES } from './actions.js';
import { Dispatcher } from './dispatcher.js';
import { effectOf, openEffectOf } from './effect-of-command.js';

/**
 * Halts an account's captures, or lets them go again. From the commit of this reservation on no capture of the account is
 * called here; the halt is confirmed when those that were queued, with other replicas too, have ended.
 */
@Injectable()
@Handles(HaltCaptures, { emits: [EffectReserved] })
@Handles(ResumeCaptures, { emits: [EffectReserved] })
export class HaltAccountCaptures {
  constructor(private readonly dispatcher: Dispatcher) {}

  handle(
    command: Received<typeof HaltCaptures | typeof ResumeCaptures>,
    { now }: DecisionState,
  ): readonly Emission<typeof EffectReserved>[] {
    const reserved = effectOf(command, { provider: OURSELVES, subjectId: command.data.accountId }, now);
    this.dispatcher.offer(openEffectOf(command, reserved));
    return [emit(EffectReserved, reserved)];
  }
}
