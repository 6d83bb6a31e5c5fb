import { hash } from 'node:crypto';
import { toJson } from '@towpath/contracts/codec';
import { CancelSaga } from '@towpath/contracts/sagas/CancelSaga.v1';
import { SagaCanceled } from '@towpath/contracts/sagas/SagaCanceled.v1';
import { SkipSagaStep } from '@towpath/contracts/sagas/SkipSagaStep.v1';
import type { SagaDefinition } from '@towpath/sagas/definition';
import { PersonAnswered } from '@towpath/sagas/harness/inputs';
import { scenariosOf } from '@towpath/sagas/harness/scenario';
import { VirtualWorld, type Disturbance, type Fault, type Run } from '@towpath/sagas/harness/virtual-world';
import { Permanent } from '@towpath/service-kit/permanent';
import { openQuestionOf } from '../open-question.js';
import { Registry } from '../registry.js';
import { decideAgain, standingOf, stateAfterAll } from './decide-again.js';
import type { Decision, HeardMessage, History } from './history.js';

/** A crash changes nothing of what is heard. */
const DRAWN: readonly Fault[] = ['duplicate', 'reorder'];

/**
 * The histories of a definition: one for each way that it can go, in every second of which a message is repeated or overtaken (which, and how, the
 * seed says), and one for each command that is not answered in time. Where a person is needed, one settles the step by hand.
 */
export function recordedHistories(definition: SagaDefinition, seed: number): History[] {
  const registry = new Registry([definition]);
  const late = new Set<string>();
  return scenariosOf(definition).flatMap((scenario, index) => {
    const { deliveries } = new VirtualWorld(definition, scenario).run();
    const unanswered = deliveries.flatMap(({ to, label }, at) => {
      if (to !== 'participants' || late.has(label)) return [];
      late.add(label);
      return [{ at, fault: 'delay' } as const];
    });
    const drawn = index % 2 === 0 ? undefined : drawnFault(deliveries, `${seed}/${definition.name}/${scenario.name}`);
    return [drawn, ...unanswered].flatMap((disturbance) => {
      const what = disturbance ? `: ${disturbance.fault} at ${deliveries[disturbance.at]!.label}` : '';
      const run = new VirtualWorld(definition, scenario, disturbance).run();
      return recorded(registry, `${scenario.name}${what}`, run) ?? [];
    });
  });
}

function drawnFault(deliveries: Run['deliveries'], seed: string): Disturbance {
  const places = deliveries.flatMap(({ label }, at) => (label === 'start' || label === 'time passes' ? [] : [at]));
  const drawn = Number.parseInt(hash('sha256', seed, 'hex').slice(0, 8), 16);
  return { at: places[drawn % places.length]!, fault: DRAWN[drawn % DRAWN.length]! };
}

/** Undefined for what can't happen: a person who cancels what steering does not let them cancel. */
function recorded(registry: Registry, name: string, { heard, state: { sagaId } }: Run): History | undefined {
  const decisions: Decision[] = [];
  const hear = (message: HeardMessage, at: number): void => {
    const about = { at: new Date(at).toISOString(), heard: message };
    decisions.push({ ...about, decided: decideAgain(registry, decisions, about) });
  };
  try {
    for (const { at, ...delivery } of heard) {
      // What a person answers comes by a review, which has specs of its own.
      if (delivery.contract === PersonAnswered) break;
      hear(messageOf(delivery), at);
    }
  } catch (error) {
    if (error instanceof Permanent) return undefined;
    throw error;
  }
  settleByHand(sagaId, decisions, hear);
  return { name, decisions, standing: standingOf(stateAfterAll(decisions)) };
}

function messageOf({ id, contract, data, causationId }: Omit<Run['heard'][number], 'at'>): HeardMessage {
  if (contract !== SagaCanceled) return { id, type: contract.type, causationId, data: toJson(contract, data) };
  const { sagaId, actor, reason } = data as { sagaId: string; actor: string; reason: string };
  return { id, type: CancelSaga.type, causationId, data: { sagaId, actor, reason } };
}

function settleByHand(
  sagaId: string,
  decisions: readonly Decision[],
  hear: (message: HeardMessage, at: number) => void,
): void {
  const question = openQuestionOf(stateAfterAll(decisions));
  if (!question) return;
  const at = Date.parse(decisions.at(-1)!.at) + 60_000;
  const data = { sagaId, step: question.step, actor: 'ada', reason: 'settled by hand' };
  hear({ id: 'settled', type: SkipSagaStep.type, causationId: null, data }, at);
}
