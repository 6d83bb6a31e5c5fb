import { Injectable } from '@nestjs/common';
import type { Contract } from '@towpath/contracts/contract';
import { SagaContentKept } from '@towpath/contracts/sagas/SagaContentKept.v1';
import { SagaReplyUnmatched } from '@towpath/contracts/sagas/SagaReplyUnmatched.v1';
import type { SagaDefinition } from '@towpath/sagas/definition';
import { decide } from '@towpath/sagas/saga.decider';
import { sagas, type SagaState } from '@towpath/sagas/saga-state';
import { Handles, type DecisionState, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { contents } from './contents.js';
import { EMITS, emissionsOf } from './emissions.js';
import { instancesOf, type Concerned } from './instances-of.js';
import { openSagas } from './open-sagas.projection.js';
import { Registry } from './registry.js';

/** Every event that some saga hears of. An answer is told by its cause, whose id names the saga: one stream is read, and nothing is looked up. */
@Injectable()
export class RunSagas {
  /** A message is asked about when its group is read, and again when it is decided. */
  private readonly known = new WeakMap<Received, readonly Concerned[]>();

  constructor(private readonly registry: Registry) {}

  reads(message: Received): Reads {
    const concerned = this.concerned(message);
    const opened = concerned.filter(({ personal }) => personal);
    return {
      streams: concerned.map(({ sagaId }) => sagas.of(sagaId)),
      // Beginnings and ends write these rows: read with the rest, they cost no second look.
      rows: concerned.map(({ sagaId }) => openSagas.at(sagaId)),
      opens: opened.map(({ sagaId }) => contents.of(sagaId)),
    };
  }

  handle(message: Received, state: DecisionState): readonly Emission[] {
    const emissions: Emission[] = [];
    const heard = new Set<string>();
    for (const concerned of this.concerned(message)) {
      const { sagaId } = concerned;
      // What one message means to an instance, it means once: an answer first, then a beginning, then what is waited for.
      const decided = heard.has(sagaId) ? undefined : this.decided(message, concerned, state);
      if (!decided) continue;
      heard.add(sagaId);
      emissions.push(...decided);
    }
    return emissions;
  }

  private concerned(message: Received): readonly Concerned[] {
    const known = this.known.get(message);
    if (known) return known;
    const found = instancesOf(this.registry, message);
    this.known.set(message, found);
    return found;
  }

  /** Undefined when it is nothing to this instance. */
  private decided(message: Received, concerned: Concerned, state: DecisionState): readonly Emission[] | undefined {
    const { sagaId, personal, input } = concerned;
    const { now } = state;
    const saga = state.of(sagas, sagaId);
    const definition = this.definitionOf(saga, concerned);
    if (!definition) return input.kind === 'reply' ? [unmatched(message, input.commandId, now)] : undefined;
    const content = personal ? (state.opened(SagaContentKept, sagaId)?.content ?? null) : null;
    return emissionsOf(definition, saga, decide(definition, { state: saga, content, now }, input), now);
  }

  /** An instance goes on with the version that it began with. */
  private definitionOf(saga: SagaState, { input, definition }: Concerned): SagaDefinition | undefined {
    if (saga.status === 'none') return input.kind === 'start' ? (definition ?? undefined) : undefined;
    const own = this.registry.definitionOf(saga.definition, saga.version);
    return input.kind === 'event' && definition !== own ? undefined : own;
  }
}

function unmatched({ id, type }: Received, commandId: string, now: Date): Emission {
  return emit(SagaReplyUnmatched, { commandId, messageId: id, messageType: type, notedAt: now.getTime() });
}

const all = new Registry();
for (const contract of all.heard()) {
  const first = all.startedBy(contract).length > 0;
  const decrypts = contract.pii.length > 0 && first;
  Handles<Contract, typeof EMITS>(contract, { emits: EMITS, decrypts, first })(RunSagas);
}
