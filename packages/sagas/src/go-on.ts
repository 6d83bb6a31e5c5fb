import { partsOf, type Stage, type StepDefinition, type WaitDefinition } from './definition.js';
import { takeBack } from './take-back.js';
import { passTimes } from './dues.js';
import { begin, hasProbe, probe } from './outcomes.js';
import { partOf, type SideState } from './saga-state.js';
import type { Turn } from './turn.js';

/** Does everything that the state asks for now: what is due, the next steps, what takes them back, the end. */
export function goOn(turn: Turn): void {
  if (turn.state.paused) return;
  passTimes(turn);
  if (turn.state.status === 'running' && isPast(turn.state.deadlineAt, turn.at))
    turn.turnTo('compensating', 'DEADLINE');
  if (turn.state.status === 'running') goForward(turn);
  if (turn.state.status === 'finishing') finish(turn);
  if (turn.state.status === 'compensating') takeBack(turn);
}

type Stands = 'over' | 'open' | 'failed' | 'unknown';

/** Begins each stage when the one before it is over. */
function goForward(turn: Turn): void {
  for (const stage of turn.definition.stages) {
    const standing = advanced(turn, stage);
    const stopped =
      standing.find(({ stands }) => stands === 'unknown') ?? standing.find(({ stands }) => stands === 'failed');
    if (stopped?.stands === 'unknown') return needsHumanFor(turn, stopped.name);
    if (stopped) return turn.turnTo('compensating', partOf(turn.state, stopped.name).act.code);
    if (standing.some(({ stands }) => stands === 'open')) return;
  }
  turn.ends('completed', { code: null, reason: 'every step is done', failedStep: null });
}

function advanced(turn: Turn, stage: Stage): readonly { name: string; stands: Stands }[] {
  if (stage.kind === 'wait') return [{ name: stage.name, stands: advancedWait(turn, stage) }];
  const steps = stage.kind === 'parallel' ? stage.steps : [stage];
  return steps.map((step) => ({ name: step.name, stands: advancedStep(turn, step) }));
}

function advancedStep(turn: Turn, step: StepDefinition): Stands {
  const { act } = partOf(turn.state, step.name);
  if (act.state === 'pending') beginStep(turn, step);
  // A way that failed at once is followed by the next, so at most once for each.
  for (const way of step.ways.slice(1)) {
    const now = partOf(turn.state, step.name).act;
    if (now.state === 'failed' && isBefore(step, now.way, way.name)) begin(turn, { step, way, side: 'act' });
  }
  return standingOf(turn, step);
}

function isBefore(step: StepDefinition, one: string, other: string): boolean {
  const places = step.ways.map(({ name }) => name);
  return places.indexOf(one) + 1 === places.indexOf(other);
}

function beginStep(turn: Turn, step: StepDefinition): void {
  const about = { step: step.name, side: 'act' } as const;
  const wanted = wantedOf(turn, step);
  if (wanted === undefined) turn.change({ ...about, state: 'failed', code: 'DEFINITION_FAILED' });
  else if (wanted) begin(turn, { step, way: step.ways[0], side: 'act' });
  else turn.change({ ...about, state: 'skipped', code: 'NOT_NEEDED' });
}

/** Undefined when the definition can't tell. */
function wantedOf(turn: Turn, { when }: StepDefinition | WaitDefinition): boolean | undefined {
  if (!when) return true;
  try {
    return when(turn.facts());
  } catch {
    return undefined;
  }
}

function standingOf(turn: Turn, step: StepDefinition): Stands {
  const { act } = partOf(turn.state, step.name);
  if (act.state === 'completed' || act.state === 'skipped') return 'over';
  if (act.state === 'running' || act.state === 'retrying' || act.state === 'probing') return 'open';
  if (act.state === 'unknown' && needsPerson(step, act)) {
    if (act.probesOfCommand > 0) return 'unknown';
    probeAgain(turn, step, act);
    return 'open';
  }
  return step.whenFailed === 'continue' ? 'over' : 'failed';
}

/** A person asked to find out once more. */
function probeAgain(turn: Turn, step: StepDefinition, act: SideState): void {
  const way = step.ways.find(({ name }) => name === act.way) ?? step.ways[0];
  probe(turn, { step, way, side: 'act' }, { code: act.code ?? 'OUTCOME_UNKNOWN', detail: act.detail });
}

/** What nobody knows can't be taken back, unless its undo is safe also when there is nothing to undo. */
function needsPerson(step: StepDefinition, { way: taken }: SideState): boolean {
  const way = step.ways.find(({ name }) => name === taken) ?? step.ways[0];
  return hasProbe(way, 'act') || (way.undo === 'irreversible' && !step.optional);
}

function advancedWait(turn: Turn, wait: WaitDefinition): Stands {
  const about = { step: wait.name, side: 'act', way: wait.name } as const;
  if (partOf(turn.state, wait.name).act.state === 'pending') {
    const wanted = wantedOf(turn, wait);
    if (wanted) turn.wait(wait);
    else
      turn.change({
        ...about,
        state: wanted === undefined ? 'failed' : 'skipped',
        code: wanted === undefined ? 'DEFINITION_FAILED' : 'NOT_NEEDED',
      });
  }
  const { state } = partOf(turn.state, wait.name).act;
  if (state === 'completed' || state === 'skipped') return 'over';
  return state === 'running' ? 'open' : 'failed';
}

function needsHumanFor(turn: Turn, name: string): void {
  const reason = `nobody knows whether ${name} was done`;
  turn.ends('needs_human', { code: 'OUTCOME_UNKNOWN', reason, failedStep: name });
}

/** Nothing more is begun; what is under way is heard to its end. */
function finish(turn: Turn): void {
  for (const part of partsOf(turn.definition)) {
    const { act } = partOf(turn.state, part.name);
    const about = { step: part.name, side: 'act', state: 'skipped', code: 'FINISHED' } as const;
    if (act.state === 'retrying' || (part.kind === 'wait' && act.state === 'running')) turn.change(about);
    else if (act.state === 'running' || act.state === 'probing') return;
    else if (part.kind === 'step' && act.state === 'unknown' && needsPerson(part, act)) {
      return act.probesOfCommand > 0 ? needsHumanFor(turn, part.name) : probeAgain(turn, part, act);
    }
  }
  turn.ends('completed', { code: turn.state.cause, reason: `${turn.state.cause} came`, failedStep: null });
}

function isPast(time: number | null, now: number): boolean {
  return time !== null && time <= now;
}
