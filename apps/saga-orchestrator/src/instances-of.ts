import type { Contract } from '@towpath/contracts/contract';
import { commandRef, type CommandRef } from '@towpath/sagas/command-id';
import { waitsOf, type SagaDefinition } from '@towpath/sagas/definition';
import type { Input } from '@towpath/sagas/message';
import { sagaIdOf } from '@towpath/sagas/saga-id';
import type { Received } from '@towpath/service-kit/message';
import type { Registry } from './registry.js';

/** One instance that a message is about, and what it is to it. */
export interface Concerned {
  readonly sagaId: string;
  /** personal data of the event that began it are needed to go on */
  readonly personal: boolean;
  readonly input: Input;
  /** the definition that hears of it so; an instance of another version does not. Null for an answer: its command's id says it all */
  readonly definition: SagaDefinition | null;
}

/** The instances that a message is about: what answers a command of one, what begins one, what one waits for. No history is needed to tell. */
export function instancesOf(registry: Registry, message: Received): readonly Concerned[] {
  const contract = registry.contractOf(message.type);
  if (!contract) return [];
  const answered = replyOf(message, contract);
  return [...answered, ...startsOf(registry, message, contract), ...awaitedBy(registry, message, contract)];
}

/** The end of an effect that a person found out is caused by what the person said, and names the command itself. */
function replyOf({ id, causationId, data }: Received, contract: Contract): readonly Concerned[] {
  const named = (data as { commandId?: string | null } | null)?.commandId ?? null;
  const [commandId, ref] = asked(causationId) ?? asked(named) ?? [];
  if (commandId === undefined || !ref) return [];
  const { sagaId, personal } = ref;
  const input: Input = { kind: 'reply', ref, commandId, contract, data, messageId: id };
  return [{ sagaId, personal, definition: null, input }];
}

function asked(id: string | null): readonly [string, CommandRef] | undefined {
  const ref = commandRef(id);
  return ref && [id!, ref];
}

function startsOf(registry: Registry, { id, data }: Received, contract: Contract): readonly Concerned[] {
  return registry.startedBy(contract).flatMap((definition) => {
    if (definition.only && !definition.only(data)) return [];
    const key = definition.keyOf(data);
    const sagaId = sagaIdOf(definition.name, key);
    return [{ sagaId, personal: false, definition, input: { kind: 'start', sagaId, key, data, messageId: id } }];
  });
}

function awaitedBy(registry: Registry, { id, data }: Received, contract: Contract): readonly Concerned[] {
  return registry.listening(contract).flatMap((definition) =>
    heardAs(definition, contract, data).flatMap(({ key, part }) => {
      if (key === null) return [];
      const input: Input = { kind: 'event', part, contract, data, messageId: id };
      const personal = definition.starts.pii.length > 0;
      return [{ sagaId: sagaIdOf(definition.name, key), personal, definition, input }];
    }),
  );
}

function heardAs(definition: SagaDefinition, contract: Contract, data: unknown) {
  const waits = waitsOf(definition).flatMap(({ event, name }) =>
    event?.contract === contract ? [{ key: event.key(data), part: name }] : [],
  );
  const ends = definition.ends.filter((end) => end.contract === contract);
  return [...waits, ...ends.map((end) => ({ key: end.key(data), part: null }))];
}
