import type { Contract, DataOf } from '@towpath/contracts/contract';
import { streamOf } from '@towpath/contracts/contract';
import { encode } from '@towpath/contracts/codec';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import { project, type Projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';
import type { DecisionState, Handler, QueuedHandler } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';

/** 2026-03-02 12:00:00 UTC */
export const NOON = 1_772_452_800_000;

/** Commerce in memory: its real handlers decide on what they appended before, and see only what they said they read. */
export class CommerceWorld {
  readonly appended: DomainEvent[] = [];
  /** what waits for its time */
  readonly due: Emission[] = [];

  /** Hands a message to an inline handler and appends what it answers. */
  receive<C extends Contract>(handler: Handler<C, readonly Contract[]>, contract: C, data: DataOf<C>): this {
    const message = received(contract, data);
    this.append(handler.handle(message, this.stateFor(handler.reads?.(message) ?? {})));
    return this;
  }

  /** The same for a queued handler, with what its work found. */
  work<C extends Contract, R>(
    handler: QueuedHandler<C, readonly Contract[], R>,
    contract: C,
    { data, found }: { readonly data: DataOf<C>; readonly found: R },
  ): this {
    const message = received(contract, data);
    this.append(handler.handle(message, this.stateFor(handler.reads?.(message) ?? {}), found));
    return this;
  }

  /** Data of every message of a contract, in order. */
  all<C extends Contract>(contract: C): DataOf<C>[] {
    return this.appended.filter(({ type }) => type === contract.type).map(({ data }) => data as DataOf<C>);
  }

  last<C extends Contract>(contract: C): DataOf<C> | undefined {
    return this.all(contract).at(-1);
  }

  /** Names of what was appended, without the domain. */
  names(from = 0): string[] {
    return this.appended.slice(from).map(({ type }) => type.split('.').at(-1)!);
  }

  row<Row>(projection: Projection<Row>, key: string): Row | undefined {
    return project(projection, this.appended).get(key);
  }

  of<State>(aggregate: Aggregate<State>, key: string): State {
    return fold(
      aggregate,
      this.appended.filter(({ stream }) => stream === aggregate.of(key)),
    );
  }

  private stateFor({ streams = [], rows = [] }: ReturnType<NonNullable<Handler<Contract>['reads']>>): DecisionState {
    return {
      now: new Date(NOON),
      of: (aggregate, key) => {
        // What was not read first is not there in the pipeline either.
        expect(streams).toContain(aggregate.of(key));
        return this.of(aggregate, key);
      },
      row: (projection, key) => {
        expect(rows).toContainEqual(projection.at(key));
        return this.row(projection, key);
      },
      opened: () => undefined,
    };
  }

  private append(emissions: readonly Emission[]): void {
    for (const emission of emissions) {
      const { contract, data, dueAt } = emission;
      encode(contract, data);
      if (dueAt) {
        this.due.push(emission);
        continue;
      }
      const metadata = { correlationId: '', causationId: '', hops: 1, handler: '' };
      const id = `e${this.appended.length}`;
      const stream = streamOf(contract, data);
      this.appended.push({ id, stream, type: contract.type, data, metadata, occurredAt: new Date(NOON) });
    }
  }
}

function received<C extends Contract>(contract: C, data: DataOf<C>): Received<C> {
  return {
    ...{ id: 'm', type: contract.type, data, subject: 'spec', source: '/services/spec', time: new Date(NOON) },
    ...{ correlationId: 'c', causationId: null, hops: 0, path: [], traceparent: null },
  };
}
