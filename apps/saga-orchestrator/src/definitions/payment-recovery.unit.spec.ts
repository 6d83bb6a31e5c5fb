import { OfferAlternativePayment } from '@towpath/contracts/payments/OfferAlternativePayment.v1';
import type { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { RecoveryFlowDeclined } from '@towpath/contracts/payments/RecoveryFlowDeclined.v1';
import { RecoveryFlowEnded } from '@towpath/contracts/payments/RecoveryFlowEnded.v1';
import { RecoveryFlowInitiated } from '@towpath/contracts/payments/RecoveryFlowInitiated.v1';
import { StopRecovery } from '@towpath/contracts/payments/StopRecovery.v1';
import type { Contract } from '@towpath/contracts/contract';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaStarted } from '@towpath/contracts/sagas/SagaStarted.v1';
import { commandRef } from '@towpath/sagas/command-id';
import type { Input, Message } from '@towpath/sagas/message';
import { sagaIdOf } from '@towpath/sagas/saga-id';
import { decide } from '@towpath/sagas/saga.decider';
import { sagas, type SagaState } from '@towpath/sagas/saga-state';
import { stateAfter } from '@towpath/sagas/state-after';
import { paymentRecovery } from './payment-recovery.saga.js';

const NOON = 1_772_452_800_000;
const DAY = 86_400_000;

/** The event of the example: a customer, want of funds, 49.99. */
const seed: PaymentFailed = {
  ...{ paymentId: 'pi_1', chargeId: null, accountId: 'U9921', amountMinor: 4_999, currency: 'USD' },
  ...{ declineCode: 'insufficient_funds', failureCode: 'card_declined', failureMessage: 'Ada, no funds' },
  ...{ cardFingerprint: null, ipHash: null, failedAt: NOON, email: 'ada@example.com', invoiceId: null },
};
const initiated: RecoveryFlowInitiated = {
  ...{ paymentId: 'pi_1', accountId: 'U9921', amountMinor: 4_999, currency: 'USD', plan: 1 },
  ...{ declineCode: 'insufficient_funds', declineClass: 'funds', alternatives: ['another_card'], retryAt: [] },
  ...{ remindAt: [], pauseAt: null, giveUpAt: NOON + 30 * DAY, invoiceId: null, subscriptionId: null },
  ...{ notified: 'mail', addressHash: null, initiatedAt: NOON },
};
const ended: RecoveryFlowEnded = {
  ...{ paymentId: 'pi_1', accountId: 'U9921', outcome: 'recovered', retries: 0, reminders: 0, paused: false },
  ...{ invoiceId: null, subscriptionId: null, reason: null, endedAt: NOON },
};

class Recovery {
  now = NOON;
  readonly all: Message[] = [];
  private state: SagaState = sagas.initial;
  private readonly sagaId = sagaIdOf('payment-recovery', 'pi_1');

  start(): this {
    return this.hear({ kind: 'start', sagaId: this.sagaId, key: 'pi_1', data: seed, messageId: 'm1' });
  }

  answer<T>(contract: Contract<T>, data: T): this {
    const commandId = this.commands().at(-1)!.id!;
    const reply = { ref: commandRef(commandId)!, commandId, contract, data, messageId: `r-${this.all.length}` };
    return this.hear({ kind: 'reply', ...reply });
  }

  ends(): this {
    const part = 'outcome';
    return this.hear({ kind: 'event', part, contract: RecoveryFlowEnded, data: ended, messageId: 'e1' });
  }

  pass(ms: number): this {
    this.now += ms;
    return this.hear({ kind: 'look' });
  }

  commands(): Message[] {
    return this.all.filter(({ id, dueAt }) => id !== undefined && !dueAt);
  }

  told<T>(contract: Contract<T>): T[] {
    return this.all.filter((one) => one.contract.type === contract.type).map(({ data }) => data as T);
  }

  private hear(input: Input): this {
    const content = JSON.stringify({ email: seed.email, failureMessage: seed.failureMessage });
    const now = new Date(this.now);
    const messages = decide(paymentRecovery, { state: this.state, content, now }, input);
    this.state = stateAfter(this.state, messages, now);
    this.all.push(...messages);
    return this;
  }
}

describe('payment recovery', () => {
  it('of a payment of U9921 that failed for want of 4999 minor begins with OfferAlternativePayment, and waits once RecoveryFlowInitiated is heard', () => {
    const saga = new Recovery().start();
    expect(saga.commands().map(({ contract, data }) => [contract.name, data])).toEqual([
      [
        'OfferAlternativePayment',
        {
          ...{ paymentId: 'pi_1', accountId: 'U9921', amountMinor: 4_999, currency: 'USD', invoiceId: null },
          ...{
            declineCode: 'insufficient_funds',
            failureCode: 'card_declined',
            email: 'ada@example.com',
            failedAt: NOON,
          },
        },
      ],
    ]);
    expect(JSON.stringify(saga.told(SagaStarted))).not.toMatch(/ada/i);
    saga.answer(RecoveryFlowInitiated, initiated);
    expect(saga.told(SagaEnded)).toEqual([]);
    expect(saga.told(OfferAlternativePayment)).toHaveLength(1);
  });

  it('completes when the recovery ends, also when the customer pays before the answer comes', () => {
    const saga = new Recovery().start().answer(RecoveryFlowInitiated, initiated).ends();
    expect(saga.told(SagaEnded)).toMatchObject([{ outcome: 'completed' }]);
    const early = new Recovery().start().ends().answer(RecoveryFlowInitiated, initiated);
    expect(early.told(SagaEnded)).toMatchObject([{ outcome: 'completed' }]);
  });

  it('ends with nothing to undo where the payment is not pursued', () => {
    const saga = new Recovery().start();
    saga.answer(RecoveryFlowDeclined, {
      paymentId: 'pi_1',
      accountId: 'U9921',
      code: 'ALREADY_PAID',
      declinedAt: NOON,
    });
    expect(saga.told(SagaEnded)).toMatchObject([{ outcome: 'compensated' }]);
    expect(saga.told(StopRecovery)).toEqual([]);
  });

  it('stops a recovery that has not ended after forty days', () => {
    const saga = new Recovery()
      .start()
      .answer(RecoveryFlowInitiated, initiated)
      .pass(41 * DAY);
    expect(saga.told(StopRecovery)).toMatchObject([{ paymentId: 'pi_1', accountId: 'U9921' }]);
    saga.answer(RecoveryFlowEnded, { ...ended, outcome: 'stopped' });
    expect(saga.told(SagaEnded)).toMatchObject([{ outcome: 'compensated' }]);
  });
});
