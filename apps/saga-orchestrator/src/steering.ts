import { SagaCanceled } from '@towpath/contracts/sagas/SagaCanceled.v1';
import { SagaPaused } from '@towpath/contracts/sagas/SagaPaused.v1';
import { SagaResumed } from '@towpath/contracts/sagas/SagaResumed.v1';
import { SagaStepRetried } from '@towpath/contracts/sagas/SagaStepRetried.v1';
import { SagaStepSkipped } from '@towpath/contracts/sagas/SagaStepSkipped.v1';
import { partsOf, stepsOf, type SagaDefinition } from '@towpath/sagas/definition';
import { partOf, type SagaState, type SideName } from '@towpath/sagas/saga-state';
import { emit, type Emission } from '@towpath/service-kit/message';
import { Permanent } from '@towpath/service-kit/permanent';
import { openQuestionOf } from './open-question.js';

/** What a person's command becomes when the saga's state allows it. */
export const STEERING = [SagaCanceled, SagaPaused, SagaResumed, SagaStepRetried, SagaStepSkipped] as const;
export type Steering = Emission<(typeof STEERING)[number]>;

/** A saga as a person's command finds it. */
export interface Steered {
  readonly definition: SagaDefinition;
  readonly state: SagaState;
  readonly now: Date;
}

interface Asked {
  readonly sagaId: string;
  readonly actor: string;
  readonly reason: string;
}

type AskedOfStep = Asked & { readonly step: string };

/**
 * From now on it is undone. Throws `Permanent`: SAGA_ENDED, SAGA_COMPENSATING, SAGA_FINISHING, SAGA_IRREVERSIBLE when a step that nothing takes back
 * is done or under way.
 */
export function cancel({ definition, state, now }: Steered, { sagaId, actor, reason }: Asked): Steering {
  refuseEnded(state);
  if (state.before === 'compensating')
    throw new Permanent('SAGA_COMPENSATING', `${nameOf(state)} is being undone already`);
  if (state.before === 'finishing')
    throw new Permanent('SAGA_FINISHING', `${nameOf(state)} was completed by ${state.cause}`);
  const final = stepsOf(definition).find(
    (step) => !step.optional && isIrreversible(step.ways) && IN_EFFECT.has(partOf(state, step.name).act.state),
  );
  if (final) {
    const how = partOf(state, final.name).act.state === 'completed' ? 'is done' : 'is under way';
    throw new Permanent('SAGA_IRREVERSIBLE', `${final.name} ${how}, and nothing takes it back`);
  }
  return emit(SagaCanceled, { sagaId, actor, reason, canceledAt: now.getTime() });
}

const IN_EFFECT: ReadonlySet<SideName> = new Set(['running', 'probing', 'unknown', 'completed']);

function isIrreversible(ways: readonly { readonly undo: unknown }[]): boolean {
  return ways.some(({ undo }) => undo === 'irreversible');
}

/** Throws `Permanent`: SAGA_ENDED, SAGA_PAUSED, SAGA_NEEDS_PERSON. */
export function pause({ state, now }: Steered, { sagaId, actor, reason }: Asked): Steering {
  refuseEnded(state);
  if (state.paused) throw new Permanent('SAGA_PAUSED', `${nameOf(state)} is paused already`);
  if (state.status === 'needs_human') {
    throw new Permanent('SAGA_NEEDS_PERSON', `${nameOf(state)} waits for a person and begins nothing`);
  }
  return emit(SagaPaused, { sagaId, actor, reason, pausedAt: now.getTime() });
}

/** Throws `Permanent`: SAGA_ENDED, SAGA_NOT_PAUSED. */
export function resume({ state, now }: Steered, { sagaId, actor, reason }: Asked): Steering {
  refuseEnded(state);
  if (!state.paused) throw new Permanent('SAGA_NOT_PAUSED', `${nameOf(state)} is not paused`);
  return emit(SagaResumed, { sagaId, actor, reason, resumedAt: now.getTime() });
}

/** The step that needs a person is tried again, or it is asked again what became of it. Throws `Permanent`: SAGA_ENDED, STEP_NOT_FAILED, STEP_FINAL. */
export function retry({ state, now }: Steered, { sagaId, step, actor, reason }: AskedOfStep): Steering {
  refuseEnded(state);
  const question = openQuestionOf(state);
  if (question?.step !== step) {
    const which = question ? `; ${question.step} does` : '';
    throw new Permanent('STEP_NOT_FAILED', `${step} of ${nameOf(state)} needs no person${which}`);
  }
  if (!question.canRetry) {
    throw new Permanent('STEP_FINAL', `to ask for ${step} again leads nowhere; settle it by hand and skip it`);
  }
  return emit(SagaStepRetried, { sagaId, step, side: question.side, actor, reason, retriedAt: now.getTime() });
}

/**
 * The step that needs a person counts as settled by hand; of a saga that runs, a step that it can do without, or a wait that it would go on from.
 * Throws `Permanent`: SAGA_ENDED, STEP_UNKNOWN, STEP_NEEDED, STEP_UNDER_WAY, STEP_OVER.
 */
export function skip({ definition, state, now }: Steered, { sagaId, step, actor, reason }: AskedOfStep): Steering {
  refuseEnded(state);
  const question = openQuestionOf(state);
  const side = question?.step === step ? question.side : 'act';
  if (question?.step !== step) refuseUnlessSpare(definition, state, step);
  return emit(SagaStepSkipped, { sagaId, step, side, actor, reason, skippedAt: now.getTime() });
}

function refuseUnlessSpare(definition: SagaDefinition, state: SagaState, step: string): void {
  const part = partsOf(definition).find(({ name }) => name === step);
  if (!part) throw new Permanent('STEP_UNKNOWN', `${definition.name} ${state.version} has no step ${step}`);
  const { act } = partOf(state, step);
  if (part.kind === 'step' && (act.state === 'running' || act.state === 'probing')) {
    throw new Permanent('STEP_UNDER_WAY', `${step} was asked for; its answer has to come first`);
  }
  const isOpen =
    act.state === 'pending' || act.state === 'retrying' || (part.kind === 'wait' && act.state === 'running');
  if (!isOpen || state.status !== 'running')
    throw new Permanent('STEP_OVER', `${step} is ${act.state}: nothing is left to skip`);
  const isSpare = part.kind === 'step' ? part.optional : part.timesOut === 'continue';
  if (!isSpare) throw new Permanent('STEP_NEEDED', `${definition.name} can not do without ${step}`);
}

function refuseEnded(state: SagaState): void {
  if (state.status === 'none') throw new Permanent('SAGA_UNKNOWN', 'there is no such saga');
  if (state.status === 'completed' || state.status === 'compensated') {
    throw new Permanent('SAGA_ENDED', `${nameOf(state)} is ${state.status}`);
  }
}

function nameOf({ definition, key }: SagaState): string {
  return `${definition} ${key}`;
}
