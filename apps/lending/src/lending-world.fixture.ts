import { MemoryJournal, causeOf, scriptedModel, type Script } from '@towpath/agents/testing/agent-kit';
import { Runner } from '@towpath/agents/runner';
import { contractOf } from '@towpath/contracts/catalogue';
import type { Contract, DataOf } from '@towpath/contracts/contract';
import { CreditReportFetched } from '@towpath/contracts/egress/CreditReportFetched.v1';
import type { LoanApplicationReceived } from '@towpath/contracts/loans/LoanApplicationReceived.v1';
import type { DecideReview } from '@towpath/contracts/platform/DecideReview.v1';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import type { DecisionState, Handler, QueuedHandler } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { fourEyesLimits } from '@towpath/service-kit/reviews/four-eyes';
import { ReviewDesk } from '@towpath/service-kit/reviews/review-desk';
import { AnalyzeCredit } from './analyze-credit.handler.js';
import { DecideLoanReview } from './decide-loan-review.handler.js';

/** 2026-03-02 12:00:00 UTC */
export const NOON = 1_772_452_800_000;

/** An ordinary application: 8,000 EUR over 36 months on an income of 3,200 a month. */
export function anApplication(over: Partial<LoanApplicationReceived> = {}): LoanApplicationReceived {
  return {
    applicationId: 'loan-1',
    source: 'applications',
    applicantId: 'contact_1',
    applicantRef: 'AB123456',
    name: 'Ada Example',
    email: 'ada@example.com',
    dateOfBirth: '1990-05-17',
    amountMinor: 800_000,
    currency: 'EUR',
    termMonths: 36,
    monthlyIncomeMinor: 320_000,
    monthlyDebtMinor: 20_000,
    employmentMonths: 40,
    purpose: 'car',
    submittedAt: NOON,
    ...over,
  };
}

export const GOOD_REPORT = {
  ...{ score: 780, scoreMin: 300, scoreMax: 850, openAccounts: 4, delinquencies24m: 0, utilisationPercent: 12 },
  ...{ inquiries6m: 1, bankruptcies: 0, monthsOfHistory: 96, monthlyDebtMinor: 20_000, currency: 'EUR' },
};

export function aReport(over: object = {}, applicationId = 'loan-1'): CreditReportFetched {
  const report = JSON.stringify({ ...GOOD_REPORT, ...over });
  return {
    ...{ applicationId, applicantId: 'contact_1', bureau: 'bureau.example', reportId: 'report-1', report },
    ...{ raw: report, rawSha256: 'ab'.repeat(32), cached: false, fetchedAt: NOON },
  };
}

/** Lending in memory: its real handlers decide on what they appended before. */
export class LendingWorld {
  now = NOON;
  readonly appended: { readonly type: string; readonly data: never }[] = [];
  readonly timers: Emission[] = [];
  readonly journal = new MemoryJournal();
  private readonly streams = new Map<string, DomainEvent[]>();
  private readonly desk = new ReviewDesk('lending', fourEyesLimits());
  private readonly runner: Runner;

  constructor(script?: Script) {
    const keys = {
      keysFor: (ids: Iterable<string>) =>
        Promise.resolve(new Map(Array.from(ids, (id) => [id, Buffer.alloc(32, 1)] as const))),
    };
    this.runner = new Runner({
      store: this.journal,
      keys: keys,
      ...(script && { model: scriptedModel(script) }),
    });
  }

  /** Hands a message to an inline handler. */
  receive<C extends Contract>(handler: Handler<C, readonly Contract[]>, contract: C, data: DataOf<C>): this {
    this.append(handler.handle(received(contract, data, this.now), this.state));
    return this;
  }

  /** The bureau's report reaches the analyst: the work is done, then decided. */
  async report(report: CreditReportFetched): Promise<this> {
    const handler: QueuedHandler<typeof CreditReportFetched, readonly Contract[], never> = new AnalyzeCredit(
      this.runner,
    ) as never;
    const message = {
      ...received(CreditReportFetched, report, this.now),
      ...causeOf(`report-of-${report.applicationId}`),
    };
    const context = { signal: new AbortController().signal, state: this.state, firstTry: true };
    const result = await handler.work(message, context);
    this.append(handler.handle(message, this.state, result));
    return this;
  }

  decide(decision: DecideReview): this {
    const handler = new DecideLoanReview(this.desk);
    const contract = contractOf('platform.v1.DecideReview');
    this.append(handler.handle(received(contract, decision, this.now) as never, this.state));
    return this;
  }

  all<C extends Contract>(contract: C): DataOf<C>[] {
    return this.appended.filter(({ type }) => type === contract.type).map(({ data }) => data as DataOf<C>);
  }

  /** Names of what was appended, without the domain. */
  names(from = 0): string[] {
    return this.appended.slice(from).map(({ type }) => type.split('.').at(-1)!);
  }

  private readonly state: DecisionState = {
    now: new Date(NOON),
    of: <State>(aggregate: Aggregate<State>, key: string) =>
      fold(aggregate, (this.streams.get(aggregate.of(key)) ?? []) as never),
    row: () => undefined,
    opened: () => undefined,
  };

  private append(emissions: readonly Emission[]): void {
    for (const emission of emissions) {
      if (emission.dueAt) {
        this.timers.push(emission);
        continue;
      }
      const { type, stream, key } = emission.contract;
      const data = JSON.parse(JSON.stringify(emission.data)) as never;
      const id = `${stream}-${String((data as Record<string, unknown>)[key])}`;
      const event = {
        id: `e${this.appended.length}`,
        stream: id,
        type,
        data,
        metadata: {},
        occurredAt: new Date(this.now),
      };
      this.streams.set(id, [...(this.streams.get(id) ?? []), event as never]);
      this.appended.push({ type, data });
    }
  }
}

function received<C extends Contract>(contract: C, data: DataOf<C>, now: number): Received<C> {
  return {
    ...{ id: `m-${now}`, type: contract.type, data, subject: 'spec', source: '/services/spec', time: new Date(now) },
    ...{ correlationId: 'c', causationId: null, hops: 0, path: [], traceparent: null },
  };
}
