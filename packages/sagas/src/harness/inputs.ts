import type { Contract } from '@towpath/contracts/contract';
import { SagaCanceled } from '@towpath/contracts/sagas/SagaCanceled.v1';
import { SagaLookDue } from '@towpath/contracts/sagas/SagaLookDue.v1';
import { commandRef } from '../command-id.js';
import { waitsOf, type SagaDefinition } from '../definition.js';
import type { Input } from '../message.js';
import type { Delivery } from './virtual-world.js';

/** A person's answer to what a wait asks; on the real path it is the review's. */
export const PersonAnswered = { ...SagaLookDue, type: 'virtual.PersonAnswered', name: 'PersonAnswered' } as Contract;

interface Instance {
  readonly sagaId: string;
  readonly key: string;
  /** nothing began it yet */
  readonly isNew: boolean;
}

/** What a message means to the instance; undefined when it means nothing. */
export function inputOf(definition: SagaDefinition, instance: Instance, delivery: Delivery): Input | undefined {
  const { id, contract, data, causationId } = delivery;
  if (contract === SagaCanceled || contract === SagaLookDue) return { kind: 'look' };
  if (contract === PersonAnswered) return personsAnswer(data);
  if (contract === definition.starts) return start(definition, instance, delivery);
  const ref = commandRef(causationId);
  if (ref) return { kind: 'reply', ref, commandId: causationId!, contract, data, messageId: id };
  const ends = definition.ends.some((end) => end.contract === contract);
  const wait = waitsOf(definition).find(({ event }) => event?.contract === contract);
  return { kind: 'event', part: ends ? null : (wait?.name ?? null), contract, data, messageId: id };
}

function start({ only }: SagaDefinition, { sagaId, key, isNew }: Instance, { id, data }: Delivery): Input | undefined {
  if (!isNew || (only && !only(data))) return undefined;
  return { kind: 'start', sagaId, key, data, messageId: id };
}

function personsAnswer({ part, decision }: Delivery['data']): Input {
  return {
    ...{ kind: 'person', part: String(part), actor: 'ada', reason: 'looked at it' },
    decision: decision === 'reject' ? 'reject' : 'approve',
  };
}
