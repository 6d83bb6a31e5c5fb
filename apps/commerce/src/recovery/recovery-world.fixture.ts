import { encode } from '@towpath/contracts/codec';
import { streamOf, type Contract, type DataOf } from '@towpath/contracts/contract';
import type { OfferAlternativePayment as Offer } from '@towpath/contracts/payments/OfferAlternativePayment.v1';
import type { PaymentFailed as Failed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import { project, type Projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';
import type { DecisionState, Reads } from '@towpath/service-kit/handles';
import { handlerEntries } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { recoveryConfig } from './config.js';
import { EndWhenPaid } from './end-when-paid.handler.js';
import { EndWithSubscription } from './end-with-subscription.handler.js';
import { KnowInvoice } from './know-invoice.handler.js';
import { OfferAnotherWay } from './offer-alternative-payment.handler.js';
import { SeeDecline } from './see-decline.handler.js';
import { StopRecoveryHandler } from './stop-recovery.handler.js';
import { TakeRecoveryStep } from './take-recovery-step.handler.js';

/** 2026-03-02 12:00:00 UTC */
export const NOON = 1_772_452_800_000;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

interface AnyHandler {
  reads(message: Received): Reads;
  handle(message: Received, state: DecisionState): readonly Emission[];
}

/** The reactions of a recovery on what they appended before, with a clock that goes on only when told. */
export class RecoveryWorld {
  now = NOON;
  readonly appended: { readonly at: number; readonly contract: Contract; readonly data: object }[] = [];
  private readonly events: DomainEvent[] = [];
  private timers: Emission[] = [];
  private readonly handlers = new Map<string, AnyHandler>();

  constructor() {
    const vault = { lookupHash: (value: string) => `hash-of-${value}` };
    const config = recoveryConfig.parse({});
    const all = [
      ...[new SeeDecline(), new KnowInvoice(), new OfferAnotherWay(vault, config), new TakeRecoveryStep(vault, config)],
      ...[new EndWhenPaid(), new StopRecoveryHandler(), new EndWithSubscription()],
    ];
    for (const one of all) {
      for (const { contract } of handlerEntries(one.constructor)) this.handlers.set(contract.type, one);
    }
  }

  /** Answers what this message made the service append. */
  hear<C extends Contract>(contract: C, data: NoInfer<DataOf<C>>): this {
    const handler = this.handlers.get(contract.type)!;
    const message = {
      ...{ id: `m${this.events.length}`, type: contract.type, data, subject: 'spec', source: '/services/spec' },
      ...{ time: new Date(this.now), correlationId: 'c', causationId: null, hops: 0, path: [], traceparent: null },
    } as unknown as Received;
    const { streams = [], rows = [] } = handler.reads(message);
    const state: DecisionState = {
      now: new Date(this.now),
      of: <State>(aggregate: Aggregate<State>, key: string) => {
        // What was not read first is not there in the pipeline either.
        expect(streams).toContain(aggregate.of(key));
        return fold(
          aggregate,
          this.events.filter(({ stream }) => stream === aggregate.of(key)),
        );
      },
      opened: () => undefined,
      row: <Row>(projection: Projection<Row>, key: string) => {
        expect(rows).toContainEqual(projection.at(key));
        return project(projection, this.events).get(key);
      },
    };
    for (const emission of handler.handle(message, state)) this.append(emission);
    return this;
  }

  /** Lets time go on; what is due is done at its time. */
  pass(ms: number): this {
    const until = this.now + ms;
    for (;;) {
      const [next] = this.timers.filter(({ dueAt }) => dueAt!.getTime() <= until).sort(byTime);
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.dueAt!.getTime());
      this.hear(next.contract, next.data);
    }
    this.now = until;
    return this;
  }

  all<C extends Contract>(contract: C): DataOf<C>[] {
    return this.appended.filter((one) => one.contract === contract).map(({ data }) => data as DataOf<C>);
  }

  /** In hours after noon, when each message of a contract was sent. */
  hours(contract: Contract): number[] {
    return this.appended.filter((one) => one.contract === contract).map(({ at }) => (at - NOON) / HOUR);
  }

  /** Names of what was appended, without the domain. */
  names(from = 0): string[] {
    return this.appended.slice(from).map(({ contract }) => contract.name);
  }

  private append(emission: Emission): void {
    const { contract, data, dueAt } = emission;
    encode(contract, data);
    if (dueAt) {
      this.timers.push(emission);
      return;
    }
    this.appended.push({ at: this.now, contract, data: data as object });
    const metadata = { correlationId: '', causationId: '', hops: 1, handler: '' };
    const event = { id: '', type: contract.type, data, metadata, occurredAt: new Date(this.now) };
    this.events.push({ ...event, stream: streamOf(contract, data) });
  }
}

const byTime = (a: Emission, b: Emission): number => a.dueAt!.getTime() - b.dueAt!.getTime();

/** The declined payment of the seed. */
export function anOffer(over: Partial<Offer> = {}): Offer {
  return {
    ...{ paymentId: 'pi_1', accountId: 'U9921', amountMinor: 4_999, currency: 'USD' },
    ...{ declineCode: 'insufficient_funds', failureCode: 'card_declined', invoiceId: null },
    ...{ email: 'ada@example.com', failedAt: NOON },
    ...over,
  };
}

export function aDecline(over: Partial<Failed> = {}): Failed {
  return {
    ...anOffer(),
    ...{ chargeId: 'ch_1', failureMessage: null, cardFingerprint: null, ipHash: null },
    ...over,
  };
}
