import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { DomainEvent } from './types.js';

/** How the state of one kind of stream follows from its events. `evolve` is pure and ignores types it doesn't know. */
export interface Aggregate<State> {
  /** the stream's name in the contracts, such as `payment` */
  readonly stream: string;
  readonly initial: State;
  evolve(state: State, event: DomainEvent): State;
  /** the stream id of one aggregate: `payment-pi_123` */
  of(key: string): string;
}

/** An aggregate from its definition. */
export function aggregate<State>(definition: Omit<Aggregate<State>, 'of'>): Aggregate<State> {
  return { ...definition, of: (key) => `${definition.stream}-${key}` };
}

/** The state after `events`, without archived ones, starting from `state` (default: the aggregate's initial one). */
export function fold<State>(
  definition: Pick<Aggregate<State>, 'initial' | 'evolve'>,
  events: Iterable<DomainEvent>,
  state: State = definition.initial,
): State {
  let current = state;
  for (const event of events) if (!event.archived) current = definition.evolve(current, event);
  return current;
}

/** True when the event is of this contract and its content is in the store; narrows `data` (bytes are base64 strings in stored events). */
export function isOf<T, Type extends string>(
  contract: Contract<T, Type>,
  event: DomainEvent,
): event is DomainEvent & { readonly type: Type; readonly data: DataOf<Contract<T, Type>> } {
  return event.type === contract.type && !event.archived;
}
