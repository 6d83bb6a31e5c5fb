import { contractOf } from '@towpath/contracts/catalogue';
import { fromJson, toJson } from '@towpath/contracts/codec';
import { keyOf, streamOf, type Contract, type DataOf } from '@towpath/contracts/contract';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import { sagas, type SagaState } from '@towpath/sagas/saga-state';
import type { DecisionState } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { CancelOneSaga } from '../cancel-saga.handler.js';
import { LookAtSaga } from '../look-at-saga.handler.js';
import type { Registry } from '../registry.js';
import { RunSagas } from '../run-sagas.handler.js';
import { SkipOneStep } from '../skip-saga-step.handler.js';
import type { DecidedMessage, Decision, Standing } from './history.js';

type Handle = (message: Received<never>, state: DecisionState) => readonly Emission[];

/** What the orchestrator of now decides about a message, after these decisions. Throws what its handlers throw. */
export function decideAgain(
  registry: Registry,
  before: readonly Decision[],
  { at, heard }: Pick<Decision, 'at' | 'heard'>,
): readonly DecidedMessage[] {
  const contract = contractOf(heard.type);
  const data = fromJson(contract, heard.data);
  const { id, type, causationId } = heard;
  const message = {
    ...{ id, type, causationId, data, subject: keyOf(contract, data), source: '/services/history' },
    ...{ time: new Date(at), correlationId: 'history', hops: 1, path: [], traceparent: null },
  };
  const handle = handlerOf(registry, contract);
  return handle(message as unknown as Received<never>, new PastState(eventsOf(before), new Date(at))).map(decidedOf);
}

/** The state of the instance that these decisions are of: what its events fold to. */
export function stateAfterAll(decisions: readonly Decision[]): SagaState {
  return fold(
    sagas,
    eventsOf(decisions).filter(({ type }) => contractOf(type).stream === sagas.stream),
  );
}

/** As much of a state as histories keep. */
export function standingOf({ status, code, failedStep, order, parts }: SagaState): Standing {
  const told = order.map((name) => {
    const { act, undo } = parts[name]!;
    return [name, [`${act.way}/${act.state}`, ...(undo.state === 'pending' ? [] : [undo.state])]] as const;
  });
  return { status, code, failedStep, parts: Object.fromEntries(told) };
}

function handlerOf(registry: Registry, { name }: Contract): Handle {
  const handlers: Readonly<Record<string, { handle: unknown }>> = {
    SagaLookDue: new LookAtSaga(registry),
    CancelSaga: new CancelOneSaga(registry),
    SkipSagaStep: new SkipOneStep(registry),
  };
  const handler = handlers[name] ?? new RunSagas(registry);
  return (handler.handle as Handle).bind(handler);
}

function decidedOf({ contract, data, id, dueAt }: Emission): DecidedMessage {
  const about = { type: contract.type, data: toJson(contract, data) };
  return { ...(id !== undefined && { id }), ...about, ...(dueAt && { dueAt: dueAt.toISOString() }) };
}

function eventsOf(decisions: readonly Decision[]): DomainEvent[] {
  return decisions.flatMap(({ at, heard, decided }, place) => {
    const metadata = { correlationId: 'history', causationId: heard.id, hops: 1, path: [], handler: 'history' };
    return decided
      .filter(({ dueAt }) => dueAt === undefined)
      .map(({ type, data }, index) => {
        const stream = streamOf(contractOf(type), data);
        return { id: `${place}/${index}`, stream, type, data, metadata, occurredAt: new Date(at) };
      });
  });
}

/** What a decision saw: the events before it. */
class PastState implements DecisionState {
  constructor(
    private readonly events: readonly DomainEvent[],
    readonly now: Date,
  ) {}

  of<State>(aggregate: Aggregate<State>, key: string): State {
    const stream = aggregate.of(key);
    return fold(
      aggregate,
      this.events.filter((event) => event.stream === stream),
    );
  }

  opened<C extends Contract>(contract: C, key: string): DataOf<C> | undefined {
    const stream = `${contract.stream}-${key}`;
    const newest = this.events.findLast((event) => event.stream === stream && event.type === contract.type);
    return newest && (fromJson(contract, newest.data) as DataOf<C>);
  }

  row(): undefined {
    return undefined;
  }
}
