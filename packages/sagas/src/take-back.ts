import { partsOf, type StepDefinition, type WayDefinition } from './definition.js';
import { begin, hasProbe, probe, type Doing } from './outcomes.js';
import { partOf, type SagaState, type SideState } from './saga-state.js';
import type { Turn } from './turn.js';

/**
 * Takes back what was done, the last first, one after the other. What is under way is heard to its end before: the outcome of an act decides
 * whether there is anything to take back.
 */
export function takeBack(turn: Turn): void {
  if (!isHeard(turn)) return;
  for (const name of [...turn.state.order].reverse()) {
    const step = partsOf(turn.definition).find((part) => part.name === name);
    if (step?.kind !== 'step') continue;
    const next = takenBack(turn, step);
    if (next === 'open') return;
  }
  const { cause } = turn.state;
  const failedStep = failedStepOf(turn.state);
  const reason = `${failedStep === null ? (cause ?? 'it was given up') : `${failedStep} failed (${cause})`}; what was done is undone`;
  turn.ends('compensated', { code: cause, reason, failedStep });
}

/** Ends what waits for another attempt or an event; false while an answer is out. */
function isHeard(turn: Turn): boolean {
  return partsOf(turn.definition)
    .map((part) => (part.kind === 'wait' ? givenUp(turn, part.name) : heardOf(turn, part)))
    .every(Boolean);
}

function givenUp(turn: Turn, name: string): true {
  if (partOf(turn.state, name).act.state === 'running') {
    turn.change({ step: name, side: 'act', state: 'skipped', code: 'GIVEN_UP' });
  }
  return true;
}

function heardOf(turn: Turn, step: StepDefinition): boolean {
  const { act } = partOf(turn.state, step.name);
  const why = { code: act.code ?? 'OUTCOME_UNKNOWN', detail: act.detail };
  if (act.state === 'running' || act.state === 'probing') return false;
  if (act.state === 'retrying') {
    // After a time-out nobody knows: its undo is safe also when there is nothing to undo, or it would have been probed.
    const state = act.code === 'TIMED_OUT' ? 'unknown' : 'failed';
    turn.change({ step: step.name, side: 'act', state, ...why });
  }
  if (act.state !== 'unknown' || act.probesOfCommand > 0 || !hasProbe(wayOf(turn, step), 'act')) return true;
  probe(turn, { step, way: wayOf(turn, step), side: 'act' }, why);
  return false;
}

function takenBack(turn: Turn, step: StepDefinition): 'over' | 'open' {
  const { act, undo } = partOf(turn.state, step.name);
  const way = wayOf(turn, step);
  if (!isInEffect(act, undo)) return 'over';
  if (act.state === 'unknown' && hasProbe(way, 'act')) return stop(turn, step, 'OUTCOME_UNKNOWN');
  if (way.undo === 'irreversible') return step.optional ? 'over' : stop(turn, step, 'IRREVERSIBLE');
  ask(turn, { step, way, side: 'undo' });
  const { state } = partOf(turn.state, step.name).undo;
  return state === 'failed' || state === 'unknown' ? stop(turn, step, 'UNDO_FAILED') : 'open';
}

/** It was done, or may have been, and was not taken back. */
function isInEffect({ state }: SideState, undo: SideState): boolean {
  return (state === 'completed' || state === 'unknown') && undo.state !== 'completed' && undo.state !== 'skipped';
}

function ask(turn: Turn, doing: Doing): void {
  const { undo } = partOf(turn.state, doing.step.name);
  if (undo.state === 'pending') begin(turn, doing);
  else if (undo.state === 'unknown' && undo.probesOfCommand === 0) {
    probe(turn, doing, { code: undo.code ?? 'OUTCOME_UNKNOWN', detail: undo.detail });
  }
}

function wayOf({ state }: Turn, step: StepDefinition): WayDefinition {
  const { way: taken } = partOf(state, step.name).act;
  return step.ways.find(({ name }) => name === taken) ?? step.ways[0];
}

const REASONS = {
  OUTCOME_UNKNOWN: (name: string) => `nobody knows whether ${name} was done`,
  IRREVERSIBLE: (name: string) => `${name} was done, and nothing takes it back`,
  UNDO_FAILED: (name: string) => `${name} was done, and taking it back failed`,
} as const;

function stop(turn: Turn, { name }: StepDefinition, code: keyof typeof REASONS): 'open' {
  turn.ends('needs_human', { code, reason: REASONS[code](name), failedStep: name });
  return 'open';
}

/** The step that failed last; null when none did. */
function failedStepOf(state: SagaState): string | null {
  return [...state.order].reverse().find((name) => isFailed(state, name)) ?? null;
}

function isFailed(state: SagaState, name: string): boolean {
  const { act } = partOf(state, name);
  return act.state === 'failed' || act.state === 'unknown';
}
