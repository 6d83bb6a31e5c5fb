import { ChargebackDue } from '@towpath/contracts/fraud/ChargebackDue.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { FraudConfirmed } from '@towpath/contracts/fraud/FraudConfirmed.v1';
import { DisputeOpened } from '@towpath/contracts/payments/DisputeOpened.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { remind, type Emission, type Received } from '@towpath/service-kit/message';
import { noted } from './case-note.js';
import { confirmedFraud } from './confirmed-fraud.js';
import { fraudCase } from './fraud-case.js';

const EMITS = [FraudCaseUpdated, FraudConfirmed, ChargebackDue] as const;

/** The provider tells what it does with the money right after a dispute; before that nobody can say what is to be done. */
const CHARGEBACK_WAIT_MS = 5_000;

/** A dispute for fraud shows what a payment was; profiles of the customer and the merchant learn from it. */
@Handles(DisputeOpened, { emits: EMITS })
export class ConfirmFraud implements Handler<typeof DisputeOpened, typeof EMITS> {
  reads({ data }: Received<typeof DisputeOpened>): Reads {
    return { streams: [fraudCase.of(data.paymentId)] };
  }

  handle({ data, type }: Received<typeof DisputeOpened>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    return [...this.learn({ data, type }, state), workOn(data, state.now)];
  }

  private learn(
    { data, type }: Pick<Received<typeof DisputeOpened>, 'data' | 'type'>,
    state: DecisionState,
  ): Emission<(typeof EMITS)[number]>[] {
    const { paymentId, disputeId, openedAt, reason } = data;
    const before = state.of(fraudCase, paymentId);
    const sight = { change: type, status: 'disputed', at: openedAt } as const;
    if (reason !== 'fraudulent') return [noted(paymentId, before, sight)];
    // Without a charge nothing is known to learn from: the case confirms it when it opens.
    if (!before.facts) return [noted(paymentId, before, { ...sight, disputeId })];
    const note = noted(paymentId, before, sight);
    // One payment is one fraud, however many disputes it gets.
    if (before.fraudConfirmed) return [note];
    return [note, confirmedFraud(before.facts, before.decision, { disputeId, openedAt })];
  }
}

function workOn(dispute: DisputeOpened, now: Date): Emission<typeof ChargebackDue> {
  const { paymentId, disputeId, reason, amountMinor, currency, openedAt } = dispute;
  const due = { paymentId, disputeId, reason, amountMinor, currency, openedAt };
  return remind(ChargebackDue, new Date(now.getTime() + CHARGEBACK_WAIT_MS), due);
}
