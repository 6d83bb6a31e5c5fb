import { Injectable } from '@nestjs/common';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { HoldPayouts } from '@towpath/contracts/payments/HoldPayouts.v1';
import { ReleasePayouts } from '@towpath/contracts/payments/ReleasePayouts.v1';
import { Handles, type DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { STRIPE } from './actions.js';
import { Dispatcher } from './dispatcher.js';
import { effectOf, openEffectOf } from './effect-of-command.js';

/** Puts the change of a connected account's payout schedule into the ledger. */
@Injectable()
@Handles(HoldPayouts, { emits: [EffectReserved] })
@Handles(ReleasePayouts, { emits: [EffectReserved] })
export class ReservePayoutEffect {
  constructor(private readonly dispatcher: Dispatcher) {}

  handle(
    command: Received<typeof HoldPayouts | typeof ReleasePayouts>,
    { now }: DecisionState,
  ): readonly Emission<typeof EffectReserved>[] {
    const reserved = effectOf(command, { provider: STRIPE, subjectId: command.data.connectedAccountId }, now);
    this.dispatcher.offer(openEffectOf(command, reserved));
    return [emit(EffectReserved, reserved)];
  }
}
