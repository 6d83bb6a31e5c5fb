import { stepsOf, type SagaDefinition } from '../definition.js';
import { partOf, type SagaState } from '../saga-state.js';
import type { Effect, Participants } from './participants.js';
import type { Run } from './virtual-world.js';

export type End = 'completed' | 'compensated' | 'needs_human' | 'stuck';

export interface Verdict {
  readonly end: End;
  /** effects of which there is more than there may be: done twice, done in two ways, left standing in what was taken back */
  readonly doubleEffects: number;
  /** everything that must not be, for people */
  readonly violations: readonly string[];
}

/** Holds a run to what every saga promises. */
export function judge(definition: SagaDefinition, run: Run): Verdict {
  const { state, participants } = run;
  const end = endOf(state, run.endless);
  const twice = participants.all.filter(({ acted, undone }) => acted - undone > 1 || (acted > 1 && undone === 0));
  const ways = twoWays(participants);
  const standing = end === 'compensated' ? participants.all.filter(stands) : [];
  const doubles = [
    ...twice.map((effect) => `${named(effect)} was done ${effect.acted} times and undone ${effect.undone} times`),
    ...ways.map((step) => `${step} was done in two ways`),
    ...standing.map((effect) => `${named(effect)} was not taken back`),
  ];
  const violations = [
    ...doubles,
    ...(end === 'stuck' ? [`it did not end: ${state.status}`] : []),
    ...(end === 'completed' ? incomplete(definition, state, participants) : []),
    ...(end === 'needs_human' && state.failedStep === null && state.contradictions.length === 0 && state.code === null
      ? ['nobody is told why a person is needed']
      : []),
    ...run.afterEnd.map((type) => `${type} was asked for after the end`),
    ...outOfOrder(definition, participants),
  ];
  return { end, doubleEffects: doubles.length, violations };
}

function endOf({ status }: SagaState, endless: boolean): End {
  if (endless) return 'stuck';
  return status === 'completed' || status === 'compensated' || status === 'needs_human' ? status : 'stuck';
}

function stands({ acted, undone, irreversible }: Effect): boolean {
  return acted > undone && !irreversible;
}

function twoWays(participants: Participants): string[] {
  const standing = participants.all.filter(({ acted, undone }) => acted > undone).map(({ step }) => step);
  return [...new Set(standing.filter((step, index) => standing.indexOf(step) !== index))];
}

/** What is completed stands, in the way that it says; what it did without does not. */
function incomplete(definition: SagaDefinition, state: SagaState, participants: Participants): string[] {
  return stepsOf(definition).flatMap(({ name }) => {
    const { act } = partOf(state, name);
    const standing = participants.all.filter((effect) => effect.step === name && effect.acted > effect.undone);
    const isDone = act.state === 'completed';
    if (isDone && !standing.some(({ way }) => way === act.way)) return [`${name} is said to be done and is not`];
    if (!isDone && standing.length > 0 && state.code !== null)
      return [`${name} stands, and the saga says ${act.state}`];
    return [];
  });
}

/** Undos come in reverse order of what they undo; steps of one group have no order. */
function outOfOrder({ stages }: SagaDefinition, { log }: Participants): string[] {
  const places = new Map(
    stages.flatMap((stage, place) =>
      ('steps' in stage ? stage.steps : [stage]).map(({ name }) => [name, place] as const),
    ),
  );
  const undone = log.filter((entry) => entry.startsWith('-')).map((entry) => entry.slice(1));
  return undone.flatMap((step, index) => {
    const before = undone[index - 1];
    return before !== undefined && places.get(before)! < places.get(step)!
      ? [`${step} was undone after ${before}`]
      : [];
  });
}

function named({ step, way }: Effect): string {
  return step === way ? step : `${step} by ${way}`;
}
