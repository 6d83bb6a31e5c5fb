import { streamOf } from '@towpath/contracts/contract';
import { fold } from '@towpath/event-store/fold';
import type { DomainEvent, Metadata } from '@towpath/event-store/types';
import type { Message } from './message.js';
import { sagas, type SagaState } from './saga-state.js';

const NOWHERE: Metadata = { correlationId: '', causationId: '', hops: 0, handler: '' };

/** The state with what a decision appends to the saga's own stream. Where its story began stays as it was. */
export function stateAfter(state: SagaState, messages: readonly Message[], now: Date): SagaState {
  const events = messages.flatMap(({ contract, data, dueAt }, index): DomainEvent[] => {
    if (contract.stream !== sagas.stream || dueAt) return [];
    const about = { id: String(index), stream: streamOf(contract, data), type: contract.type };
    return [{ ...about, data, metadata: NOWHERE, occurredAt: now }];
  });
  return { ...fold(sagas, events, state), origin: state.origin };
}
