import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { AccountChangeNoted } from '@towpath/contracts/support/AccountChangeNoted.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { noteChange } from './account-change.js';
import { isReply, OUTCOMES, sent } from './reply-outcome.js';
import { ticketCase } from './ticket-case.js';

const EMITS = [...OUTCOMES, AccountChangeNoted] as const;
type Message = Received<typeof EffectConfirmed>;

/** Egress did something: a reply reached its provider, or money of a customer went back. */
@Handles(EffectConfirmed, { emits: EMITS })
export class RecordConfirmedEffect implements Handler<typeof EffectConfirmed, typeof EMITS> {
  reads({ data }: Message): Reads {
    return isReply(data) ? { streams: [ticketCase.of(data.subjectId)] } : {};
  }

  handle({ data }: Message, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { subjectId, effectId, accountId, action, providerReference: reference, confirmedAt: at } = data;
    if (isReply(data)) {
      return sent(state.of(ticketCase, subjectId), { ticketId: subjectId, effectId, at: state.now }, { reference, at });
    }
    const change = CHANGES[action];
    return change === undefined ? [] : noteChange({ accountId, paymentId: subjectId, change, at });
  }
}

const CHANGES: Readonly<Record<string, 'refunded' | 'canceled'>> = {
  [RefundPayment.type]: 'refunded',
  [RefundPayment.name]: 'refunded',
  [CancelPayment.type]: 'canceled',
  [CancelPayment.name]: 'canceled',
};
