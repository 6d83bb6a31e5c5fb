import { Injectable } from '@nestjs/common';
import type { Contract } from '@towpath/contracts/contract';
import { SagaContentKept } from '@towpath/contracts/sagas/SagaContentKept.v1';
import { SagaReplyUnmatched } from '@towpath/contracts/sagas/SagaReplyUnmatched.v1';
import { commandRef, type CommandRef } from '@towpath/sagas/command-id';
import { waitsOf, type SagaDefinition } from '@towpath/sagas/definition';
import type { Input } from '@towpath/sagas/message';
import { decide } from '@towpath/sagas/saga.decider';
import { sagaIdOf } from '@towpath/sagas/saga-id';
import { sagas } from '@towpath/sagas/saga-state';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { contents } from './contents.js';
import { EMITS, emissionsOf } from './emissions.js';
import { Registry } from './registry.js';

/** One instance that a message is about. */
interface About {
  readonly sagaId: string;
  /** its personal data are needed to go on */
  readonly personal: boolean;
  readonly input: Input;
  /** set when it begins an instance */
  readonly begins?: SagaDefinition;
}

const registry = new Registry();
const contracts = new Map(registry.heard().map((contract) => [contract.type, contract]));

/**
 * Every event that some saga hears of: what begins one, what answers a command of one, what one waits for. An answer is told by its cause, whose
 * id names the saga; nothing is looked up.
 */
@Injectable()
export class RunSagas {
  reads(message: Received): Reads {
    const about = aboutOf(message);
    const opens = about.filter(({ personal, begins }) => personal && !begins).map(({ sagaId }) => contents.of(sagaId));
    return { streams: about.map(({ sagaId }) => sagas.of(sagaId)), opens };
  }

  handle(message: Received, state: DecisionState): readonly Emission[] {
    return aboutOf(message).flatMap((about) => decided(message, about, state));
  }
}

function decided(
  message: Received,
  { sagaId, personal, input, begins }: About,
  state: DecisionState,
): readonly Emission[] {
  const { now } = state;
  const saga = state.of(sagas, sagaId);
  if (!begins && saga.status === 'none') return input.kind === 'reply' ? [unmatched(message, input, now)] : [];
  const definition = begins && saga.status === 'none' ? begins : registry.definitionOf(saga.definition, saga.version);
  const content = personal && !begins ? (state.opened(SagaContentKept, sagaId)?.content ?? null) : null;
  return emissionsOf(definition, saga, decide(definition, { state: saga, content, now }, input), now);
}

function unmatched({ id, type }: Received, { commandId }: Extract<Input, { kind: 'reply' }>, now: Date): Emission {
  return emit(SagaReplyUnmatched, { commandId, messageId: id, messageType: type, notedAt: now.getTime() });
}

/** Of several reasons to hear of one message an instance has the first. */
function aboutOf(message: Received): readonly About[] {
  const contract = contracts.get(message.type);
  if (!contract) return [];
  const all = [...replyOf(message, contract), ...startsOf(message, contract), ...awaitedBy(message, contract)];
  return all.filter((about, index) => all.findIndex(({ sagaId }) => sagaId === about.sagaId) === index);
}

/** An end that a person found out is caused by what the person said, and names the command itself. */
function replyOf({ id, causationId, data }: Received, contract: Contract): readonly About[] {
  const named = (data as { commandId?: string | null }).commandId ?? null;
  const [commandId, ref] = asked(causationId) ?? asked(named) ?? [];
  if (commandId === undefined || !ref) return [];
  const { sagaId, personal } = ref;
  return [{ sagaId, personal, input: { kind: 'reply', ref, commandId, contract, data, messageId: id } }];
}

function asked(id: string | null): readonly [string, CommandRef] | undefined {
  const ref = commandRef(id);
  return ref && [id!, ref];
}

function startsOf({ id, data }: Received, contract: Contract): readonly About[] {
  return registry.startedBy(contract).flatMap((definition) => {
    if (definition.only && !definition.only(data)) return [];
    const key = definition.keyOf(data);
    const sagaId = sagaIdOf(definition.name, key);
    const personal = contract.pii.length > 0;
    return [{ sagaId, personal, begins: definition, input: { kind: 'start', sagaId, key, data, messageId: id } }];
  });
}

function awaitedBy({ id, data }: Received, contract: Contract): readonly About[] {
  return registry.listening(contract).flatMap(({ name, starts, ...definition }) => {
    const waits = waitsOf({ name, starts, ...definition }).flatMap(({ event, name: part }) =>
      event?.contract === contract ? [{ key: event.key(data), part }] : [],
    );
    const ends = definition.ends.flatMap((end) =>
      end.contract === contract ? [{ key: end.key(data), part: null }] : [],
    );
    return [...waits, ...ends].flatMap(({ key, part }) => {
      if (key === null) return [];
      const input: Input = { kind: 'event', part, contract, data, messageId: id };
      return [{ sagaId: sagaIdOf(name, key), personal: starts.pii.length > 0, input }];
    });
  });
}

for (const contract of contracts.values()) {
  const decrypts = registry.startedBy(contract).length > 0 && contract.pii.length > 0;
  Handles<Contract, typeof EMITS>(contract, { emits: EMITS, decrypts })(RunSagas);
}
