import { streamOf, type Contract } from '@towpath/contracts/contract';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { fold } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import { ask } from '@towpath/sagas/ask';
import { commandRef } from '@towpath/sagas/command-id';
import type { SagaDefinition } from '@towpath/sagas/definition';
import type { Input, Message } from '@towpath/sagas/message';
import { saga } from '@towpath/sagas/saga';
import { decide } from '@towpath/sagas/saga.decider';
import { sagaIdOf } from '@towpath/sagas/saga-id';
import { sagas, type SagaState } from '@towpath/sagas/saga-state';
import type { Steered, Steering } from './steering.js';

const payment = { paymentId: 'pi_1', accountId: 'cus_1', chargeId: null, amountMinor: 1, currency: 'EUR', reason: '' };
const step = {
  ...{ do: () => ask(CapturePayment, payment), undo: () => ask(RefundPayment, payment) },
  ...{ done: EffectConfirmed, failed: EffectFailed, timeoutMs: 1_000 },
} as const;

/** Two steps, something that it can do without, a pause, and a last step that nothing takes back. */
export const specSaga: SagaDefinition = saga('spec', { version: 1 })
  .startsWith(AccountUnfrozen, ({ accountId }) => accountId)
  .step('charge', step)
  .step('reserve', step)
  .optional('note', { ...step, whenFailed: 'continue' })
  .pause('breathe', 60_000)
  .step('mail', { ...step, undo: 'irreversible' })
  .step('archive', step)
  .build();

/** One instance, answered by hand. */
export class SpecSaga {
  readonly sagaId: string;
  readonly events: DomainEvent[] = [];
  readonly asked: Message[] = [];
  now = 1_000;

  constructor(readonly definition: SagaDefinition = specSaga) {
    this.sagaId = sagaIdOf(definition.name, 'cus_1');
    this.hear({ kind: 'start', sagaId: this.sagaId, key: 'cus_1', data: begun, messageId: 'm0' });
  }

  get state(): SagaState {
    return fold(sagas, this.events);
  }

  get steered(): Steered {
    return { definition: this.definition, state: this.state, now: new Date(this.now) };
  }

  /** The command that went out last. */
  get last(): string {
    const { id } = this.asked.at(-1)!;
    const ref = commandRef(id!)!;
    return `${this.definition.stages[ref.part]!.name} ${ref.side}${ref.probe ? ' probe' : ''}`;
  }

  hear(input: Input): this {
    this.append(decide(this.definition, { state: this.state, content: null, now: new Date(this.now) }, input));
    return this;
  }

  steer({ contract, data }: Steering): this {
    this.append([{ contract, data }]);
    return this.hear({ kind: 'look' });
  }

  confirm(): this {
    return this.answer(EffectConfirmed, {
      ...effect,
      providerReference: 'r1',
      attempts: 1,
      confirmedAt: 1,
      dryRun: false,
    });
  }

  refuse(): this {
    return this.answer(EffectFailed, {
      ...effect,
      code: 'REFUSED',
      detail: 'the gateway says no',
      attempts: 1,
      failedAt: 1,
    });
  }

  /** Time passes, and a timer fires. */
  wait(ms: number): this {
    this.now += ms;
    return this.hear({ kind: 'look' });
  }

  /** Refuses it as often as it is asked. */
  refuseForGood(): this {
    for (const { length } = this.asked; ;) {
      const before = this.asked.length;
      this.refuse().wait(120_000);
      if (this.asked.length === before || this.asked.length > length + 20) return this;
    }
  }

  private answer(contract: Contract, data: unknown): this {
    const id = this.asked.at(-1)!.id!;
    const ref = commandRef(id)!;
    return this.hear({
      kind: 'reply',
      ref,
      commandId: id,
      contract,
      data,
      messageId: `answer-${id}-${this.events.length}`,
    });
  }

  private append(messages: readonly Message[]): void {
    for (const message of messages) {
      const { contract, data, id, dueAt } = message;
      if (id !== undefined) this.asked.push(message);
      if (id !== undefined || dueAt) continue;
      const metadata = { correlationId: 'story', causationId: 'cause', hops: 1, handler: 'spec' };
      const place = {
        id: `e${this.events.length}`,
        stream: streamOf(contract, data),
        occurredAt: new Date(this.now),
      };
      this.events.push({ ...place, type: contract.type, data, metadata });
    }
  }
}

const effect = { effectId: 'e', action: '', provider: 'p', subjectId: 's', accountId: 'a', idempotencyKey: 'k' };
const begun = { accountId: 'cus_1', actor: 'ada', reason: 'spec', unfrozenAt: 1 };
