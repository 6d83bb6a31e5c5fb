import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { ProbeEffect } from '@towpath/contracts/platform/ProbeEffect.v1';
import { ask, type Ask } from './ask.js';
import type { AnyFacts, StepDefinition, WayDefinition } from './definition.js';
import { partOf, type Side, type SideState } from './saga-state.js';
import type { Turn } from './turn.js';

/** One side of a step, done in one way. */
export interface Doing {
  readonly step: StepDefinition;
  readonly way: WayDefinition;
  readonly side: Side;
}

export interface Why {
  readonly code: string;
  readonly detail: string | null;
}

/** An undo is tried at least so often: nothing else takes the step back. */
const UNDO_ATTEMPTS_MIN = 3;
const UNDO_BACKOFF_MS_MIN = 1_000;
/** Probes of one command; a probe without an answer is sent again after twice the time. */
export const PROBES_MAX = 5;

/** Asks for it once more, in this way. */
export function begin(turn: Turn, { step, way, side }: Doing): void {
  const before = partOf(turn.state, step.name)[side];
  const attempt = (before.asked[way.name] ?? 0) + 1;
  const place = { part: step.number, side, probe: false, way: step.ways.indexOf(way), attempt };
  const asked = turn.ask(place, (facts) => commandFor(way, side, facts));
  const about = { step: step.name, side, way: way.name, attempt };
  if (asked.fault === undefined) turn.change({ ...about, state: 'running', ...asked });
  else turn.change({ ...about, state: 'failed', code: 'DEFINITION_FAILED', detail: asked.fault });
}

function commandFor(way: WayDefinition, side: Side, facts: AnyFacts): Ask {
  if (side === 'act') return way.do(facts);
  if (way.undo === 'irreversible') throw new Error('an irreversible step has no undo');
  return way.undo(facts);
}

/** It was not done and will not be: it is tried again after a pause, or this way of it has failed. */
export function refused(turn: Turn, doing: Doing, why: Why): void {
  const { step, side } = doing;
  if (isTriedAgain(turn, doing, why)) turn.change({ step: step.name, side, state: 'retrying', ...why });
  else failed(turn, doing, 'failed', why);
}

function isTriedAgain(turn: Turn, { step, side }: Doing, { code }: Why): boolean {
  const { attempt, forgiven } = partOf(turn.state, step.name)[side];
  if (side === 'undo') return attempt - forgiven < Math.max(step.retry.attempts, UNDO_ATTEMPTS_MIN);
  if (turn.state.before !== 'running' || attempt - forgiven >= step.retry.attempts) return false;
  return step.retry.only?.(code) ?? true;
}

/** Nothing more is asked: `failed` when it was not done, `unknown` when nobody knows. */
export function failed(turn: Turn, { step, side }: Doing, state: 'failed' | 'unknown', why: Why): void {
  turn.change({ step: step.name, side, state, ...why });
}

/** No answer in time, or the answer that nobody knows: it is probed; what can't be probed is asked for again, its receiver being idempotent. */
export function outcomeUnknown(turn: Turn, doing: Doing, why: Why): void {
  if (hasProbe(doing.way, doing.side)) return probe(turn, doing, why);
  const { step, side } = doing;
  if (isTriedAgain(turn, doing, why)) turn.change({ step: step.name, side, state: 'retrying', ...why });
  else failed(turn, doing, side === 'act' ? 'unknown' : 'failed', why);
}

/** Asks what became of the command that was sent last. */
export function probe(turn: Turn, doing: Doing, why: Why): void {
  const { step, way, side } = doing;
  const { commandId, command, attempt, probes, probesOfCommand } = partOf(turn.state, step.name)[side];
  if (commandId === null || command === null || probesOfCommand >= PROBES_MAX)
    return failed(turn, doing, 'unknown', why);
  const place = { part: step.number, side, probe: true, way: step.ways.indexOf(way), attempt: probes + 1 };
  const asked = turn.ask(place, (facts) => probeFor(way, facts, { commandId, action: command }));
  const about = { step: step.name, side, way: way.name, attempt, code: why.code, detail: why.detail };
  if (asked.fault === undefined) turn.change({ ...about, state: 'probing', ...asked });
  else failed(turn, doing, 'unknown', { code: 'DEFINITION_FAILED', detail: asked.fault });
}

function probeFor(way: WayDefinition, facts: AnyFacts, asked: { commandId: string; action: string }): Ask {
  if (way.probe) return way.probe(facts, asked);
  const reason = `the saga ${facts.sagaId} has no answer`;
  return ask(ProbeEffect, { ...asked, subjectId: facts.key, reason });
}

/** Whether what became of a command can be asked: by the definition's probe, or of egress, which keeps a ledger of its effects. */
export function hasProbe(way: WayDefinition, side: Side): boolean {
  return way.probe !== undefined || (side === 'act' ? way.done : way.undone).includes(EffectConfirmed);
}

/** The pause before the next attempt, doubling. */
export function pauseMs(step: StepDefinition, side: Side, { attempt, forgiven }: SideState): number {
  const first = side === 'undo' ? Math.max(step.retry.backoffMs, UNDO_BACKOFF_MS_MIN) : step.retry.backoffMs;
  return Math.min(first * 2 ** Math.max(0, attempt - forgiven - 1), PAUSE_MS_MAX);
}

const PAUSE_MS_MAX = 3_600_000;
