import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { noted } from './case-note.js';
import { fraudCase, type MoneyStatus } from './fraud-case.js';
import { MONEY_MOVED_EMITS, moneyMoved } from './money-moved.js';
import { isGuest } from './payment-facts.js';
import { accounts } from './profiles/accounts.projection.js';

type Effect = typeof EffectConfirmed | typeof EffectFailed;
const EMITS = [FraudCaseUpdated, ...MONEY_MOVED_EMITS] as const;

const STATUS_AFTER: Readonly<Record<string, MoneyStatus>> = {
  [CapturePayment.type]: 'captured',
  [CancelPayment.type]: 'canceled',
  [RefundPayment.type]: 'refunded',
};

/** What became of the money commands: the case learns it from egress before the provider's own event comes. */
@Handles(EffectConfirmed, { emits: EMITS })
@Handles(EffectFailed, { emits: EMITS })
export class RecordEffect implements Handler<Effect, typeof EMITS> {
  reads({ data }: Received<Effect>): Reads {
    if (!(data.action in STATUS_AFTER)) return {};
    const { subjectId, accountId } = data;
    return { streams: [fraudCase.of(subjectId)], rows: isGuest(accountId) ? [] : [accounts.at(accountId)] };
  }

  handle({ type, data }: Received<Effect>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const done = STATUS_AFTER[data.action];
    // Effects on accounts, such as held payouts, are no payment's business.
    if (done === undefined) return [];
    const before = state.of(fraudCase, data.subjectId);
    if ('failedAt' in data) {
      return [noted(data.subjectId, before, { change: type, status: before.status, at: data.failedAt })];
    }
    const note = noted(data.subjectId, before, { change: type, status: done, at: data.confirmedAt });
    return [note, ...moneyMoved(before, done, state.now)];
  }
}
