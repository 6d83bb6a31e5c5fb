import { Injectable } from '@nestjs/common';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { Handles, type DecisionState } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { STRIPE } from './actions.js';
import { Dispatcher } from './dispatcher.js';
import { effectOf, openEffectOf } from './effect-of-command.js';

type Command = Received<typeof CapturePayment | typeof CancelPayment | typeof RefundPayment>;

/** Money is moved by the dispatcher; here it is only put into the ledger, in the order of the account's commands. */
@Injectable()
@Handles(CapturePayment, { emits: [EffectReserved] })
@Handles(CancelPayment, { emits: [EffectReserved] })
@Handles(RefundPayment, { emits: [EffectReserved] })
export class ReservePaymentEffect {
  constructor(private readonly dispatcher: Dispatcher) {}

  handle(command: Command, { now }: DecisionState): readonly Emission<typeof EffectReserved>[] {
    const reserved = effectOf(command, { provider: STRIPE, subjectId: command.data.paymentId }, now);
    // A hint, not an effect: the dispatcher's first step queues behind this group's commit and finds nothing if it fails.
    this.dispatcher.offer(openEffectOf(command, reserved));
    return [emit(EffectReserved, reserved)];
  }
}
