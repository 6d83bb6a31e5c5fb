import { partsOf, type AnyFacts, type SagaDefinition, type StepDefinition, type WaitDefinition } from './definition.js';
import { begin, outcomeUnknown, pauseMs, probe } from './outcomes.js';
import { partOf, type SagaState, type Side, type SideState } from './saga-state.js';
import type { Turn } from './turn.js';

/** When something is due that nobody will tell the saga of, milliseconds since the epoch. */
export function duesOf(definition: SagaDefinition, state: SagaState, facts: () => AnyFacts): number[] {
  if (state.paused || !isUnderWay(state)) return [];
  const deadline = state.status === 'running' && state.deadlineAt !== null ? [state.deadlineAt] : [];
  return [...deadline, ...partsUnderWay(definition, state).map(({ part, side }) => dueOf(part, side, state, facts))];
}

/** Time-outs and pauses that are over: what has no answer is probed or asked for again. */
export function passTimes(turn: Turn): void {
  if (!isUnderWay(turn.state)) return;
  for (const { part, side } of partsUnderWay(turn.definition, turn.state)) {
    if (dueOf(part, side, turn.state, () => turn.facts()) > turn.at) continue;
    if (part.kind === 'wait') passWait(turn, part);
    else passStep(turn, part, side);
  }
}

function passWait(turn: Turn, wait: WaitDefinition): void {
  const about = { step: wait.name, side: 'act', way: wait.name } as const;
  if (!wait.event && !wait.person) turn.change({ ...about, state: 'completed' });
  else if (wait.timesOut === 'continue') turn.change({ ...about, state: 'skipped', code: 'TIMED_OUT' });
  else turn.change({ ...about, state: 'failed', code: 'TIMED_OUT', detail: `${wait.name} did not come in time` });
}

function passStep(turn: Turn, step: StepDefinition, side: Side): void {
  const now = partOf(turn.state, step.name)[side];
  const way = step.ways.find(({ name }) => name === now.way) ?? step.ways[0];
  const why = { code: 'TIMED_OUT', detail: `no answer within ${step.timeoutMs} ms` };
  if (now.state === 'probing') probe(turn, { step, way, side }, { code: now.code ?? why.code, detail: now.detail });
  else if (now.state === 'running') outcomeUnknown(turn, { step, way, side }, why);
  // A step that is to be taken back, or to be left at that, is not tried again.
  else if (side === 'undo' || turn.state.status === 'running') begin(turn, { step, way, side });
}

function isUnderWay({ status }: SagaState): boolean {
  return status === 'running' || status === 'finishing' || status === 'compensating';
}

interface UnderWay {
  readonly part: StepDefinition | WaitDefinition;
  readonly side: Side;
}

function partsUnderWay(definition: SagaDefinition, state: SagaState): readonly UnderWay[] {
  const sides: readonly Side[] = ['act', 'undo'];
  return partsOf(definition).flatMap((part) =>
    sides.filter((side) => isWaiting(partOf(state, part.name)[side])).map((side) => ({ part, side })),
  );
}

function isWaiting({ state }: SideState): boolean {
  return state === 'running' || state === 'retrying' || state === 'probing';
}

function dueOf(part: UnderWay['part'], side: Side, state: SagaState, facts: () => AnyFacts): number {
  const now = partOf(state, part.name)[side];
  if (part.kind === 'wait') return now.at + timeOfWait(part, facts);
  if (now.state === 'retrying') return now.at + pauseMs(part, side, now);
  // A probe that is not answered is sent again after twice the time.
  if (now.state === 'probing') return now.at + part.timeoutMs * 2 ** (now.probesOfCommand - 1);
  return now.at + part.timeoutMs;
}

/** A definition that can't tell how long does not wait. */
function timeOfWait({ timeoutMs }: WaitDefinition, facts: () => AnyFacts): number {
  if (typeof timeoutMs === 'number') return timeoutMs;
  try {
    return Math.max(0, timeoutMs(facts()));
  } catch {
    return 0;
  }
}
