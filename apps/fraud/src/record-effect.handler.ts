import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { seen } from './case-note.js';
import { fraudCase, type MoneyStatus } from './fraud-case.js';

type Effect = typeof EffectConfirmed | typeof EffectFailed;

const STATUS_AFTER: Readonly<Record<string, MoneyStatus>> = {
  [CapturePayment.type]: 'captured',
  [CancelPayment.type]: 'canceled',
  [RefundPayment.type]: 'refunded',
};

/** What became of the money commands: the case learns it from egress before the provider's own event comes. */
@Handles(EffectConfirmed, { emits: [FraudCaseUpdated] })
@Handles(EffectFailed, { emits: [FraudCaseUpdated] })
export class RecordEffect implements Handler<Effect, [typeof FraudCaseUpdated]> {
  reads({ data }: Received<Effect>): Reads {
    return data.action in STATUS_AFTER ? { streams: [fraudCase.of(data.subjectId)] } : {};
  }

  handle({ type, data }: Received<Effect>, state: DecisionState): Emission<typeof FraudCaseUpdated>[] {
    const done = STATUS_AFTER[data.action];
    // Effects on accounts, such as held payouts, are no payment's business.
    if (done === undefined) return [];
    const before = state.of(fraudCase, data.subjectId);
    if ('failedAt' in data) return [seen(data.subjectId, type, before.status, data.failedAt)];
    return [seen(data.subjectId, type, done, data.confirmedAt)];
  }
}
