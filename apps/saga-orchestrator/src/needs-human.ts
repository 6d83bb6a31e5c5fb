import { partsOf, stepsOf, type SagaDefinition } from '@towpath/sagas/definition';
import { partOf, type SagaState } from '@towpath/sagas/saga-state';
import type { ReviewRequest } from '@towpath/service-kit/reviews/request-review';
import { openQuestionOf, type OpenQuestion } from './open-question.js';

/** As for `towpath sagas skip`: a rejection takes a step as settled that no program saw settled. */
const ROLES = ['supervisor', 'admin'];

/** The same for a saga however often it needs a person. */
export function needsHumanReviewId(sagaId: string): string {
  return `saga-review_${sagaId}`;
}

/**
 * What a person is asked when a saga can't go on: the evidence is what is done, what is undone, what is not, and what each choice will do. The same
 * state asks the same.
 */
export function needsHumanReview(definition: SagaDefinition, state: SagaState): ReviewRequest {
  const { sagaId, key, code } = state;
  const question = openQuestionOf(state);
  if (!question) throw new Error(`the saga ${sagaId} needs nobody`);
  const { step, side, canRetry } = question;
  const stuck = partOf(state, step)[side];
  return {
    ...{ reviewId: needsHumanReviewId(sagaId), service: 'saga-orchestrator', subjectType: 'saga', subjectId: sagaId },
    reason: `${definition.name} ${key}: ${REASONS[code ?? '']?.(step) ?? `${step} failed`}`,
    action: canRetry ? 'RetrySagaStep' : 'SkipSagaStep',
    arguments: { sagaId, step, side, afterAttempt: stuck.attempt, afterProbe: stuck.probes },
    evidence: {
      ...{ definition: definition.name, version: state.version, key, code },
      ...standings(definition, state),
      stuck: { step, side, command: stuck.command, attempts: stuck.attempt, code: stuck.code, detail: stuck.detail },
      choices: choicesOf(definition, state, question),
    },
    roles: ROLES,
  };
}

const REASONS: Readonly<Record<string, (step: string) => string>> = {
  UNDO_FAILED: (step) => `${step} was done, and taking it back failed`,
  OUTCOME_UNKNOWN: (step) => `nobody knows whether ${step} was done`,
  IRREVERSIBLE: (step) => `${step} was done, and nothing takes it back`,
  CONTRADICTION: (step) => `${step} was said not to be done, and later that it was`,
};

type Standing = 'done' | 'undone' | 'unknown' | 'settledByHand' | 'notDone';

/** Every step under the word for how the world stands: what is done is still in effect. */
function standings(definition: SagaDefinition, state: SagaState): Record<Standing, string[]> {
  const all: Record<Standing, string[]> = { done: [], undone: [], unknown: [], settledByHand: [], notDone: [] };
  for (const { name } of stepsOf(definition)) all[standingOf(state, name)].push(name);
  return all;
}

function standingOf(state: SagaState, name: string): Standing {
  const { act, undo } = partOf(state, name);
  if (undo.state === 'completed') return 'undone';
  if (undo.state === 'skipped' || (act.state === 'skipped' && act.code === 'SKIPPED')) return 'settledByHand';
  if (act.state === 'unknown' || undo.state === 'unknown') return 'unknown';
  return act.state === 'completed' ? 'done' : 'notDone';
}

/** What each decision leads to, in a sentence. */
function choicesOf(definition: SagaDefinition, state: SagaState, { step, side, canRetry }: OpenQuestion) {
  const next = restOf(definition, state, step);
  const settled = `${side === 'undo' ? `the undo of ${step}` : step} counts as settled by hand, and nothing more is asked for it; ${next}`;
  if (!canRetry) return { approve: settled, reject: 'nothing happens, and the saga stays as it is' };
  const { state: stands, command } = partOf(state, step)[side];
  const again =
    stands === 'unknown'
      ? `it is asked once more what became of ${step}`
      : `${command ?? `the undo of ${step}`} is sent again, with a new set of attempts`;
  return { approve: `${again}; when that is done, ${next}`, reject: settled };
}

function restOf(definition: SagaDefinition, state: SagaState, without: string): string {
  if (state.before === 'compensating') {
    const left = [...state.order].reverse().filter((name) => name !== without && isToUndo(definition, state, name));
    return left.length === 0 ? 'then it ends as compensated' : `then ${left.join(', then ')} is undone`;
  }
  const left = partsOf(definition).filter(
    ({ name }) => name !== without && partOf(state, name).act.state === 'pending',
  );
  if (left.length === 0 || state.before === 'finishing') return 'then it ends as completed';
  return `then it goes on with ${left.map(({ name }) => name).join(', ')}`;
}

function isToUndo(definition: SagaDefinition, state: SagaState, name: string): boolean {
  const { act, undo } = partOf(state, name);
  const isStep = stepsOf(definition).some((step) => step.name === name);
  return isStep && (act.state === 'completed' || act.state === 'unknown') && undo.state === 'pending';
}
