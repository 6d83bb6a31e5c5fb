import { SagaCanceled } from '@towpath/contracts/sagas/SagaCanceled.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaPaused } from '@towpath/contracts/sagas/SagaPaused.v1';
import { SagaReplyNoted } from '@towpath/contracts/sagas/SagaReplyNoted.v1';
import { SagaResumed } from '@towpath/contracts/sagas/SagaResumed.v1';
import { SagaStarted } from '@towpath/contracts/sagas/SagaStarted.v1';
import { SagaStepChanged } from '@towpath/contracts/sagas/SagaStepChanged.v1';
import { SagaStepRetried } from '@towpath/contracts/sagas/SagaStepRetried.v1';
import { SagaStepSkipped } from '@towpath/contracts/sagas/SagaStepSkipped.v1';
import { isOf } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';

/** One thing that happened to a step, or to the undo of one. */
export interface Entry {
  /** milliseconds since the saga began */
  readonly afterMs: number;
  /** running, unknown, completed, failed or skipped; retried when a person had it tried again */
  readonly state: string;
  /** type of the command that was asked; null when nothing was */
  readonly command: string | null;
  readonly commandId: string | null;
  readonly attempt: number;
  /** the alternative that was taken; null for the step's own way */
  readonly way: string | null;
  readonly code: string | null;
  /** why, for people */
  readonly why: string | null;
  /** the person who asked for it */
  readonly actor: string | null;
}

export type StepState = 'pending' | 'running' | 'completed' | 'failed' | 'compensating' | 'compensated' | 'skipped';

/** A step with all that happened to it; what undid it stands beneath. */
export interface TimelineStep {
  readonly step: string;
  readonly state: StepState;
  readonly act: readonly Entry[];
  readonly undo: readonly Entry[];
}

/** Something about the whole saga. */
export interface Mark {
  readonly afterMs: number;
  /** paused, resumed or canceled by a person; an end; or an answer that changed nothing */
  readonly what: string;
  readonly why: string | null;
  readonly actor: string | null;
}

export interface Timeline {
  readonly steps: readonly TimelineStep[];
  readonly marks: readonly Mark[];
  /** from the beginning to the last end; null while it goes on */
  readonly tookMs: number | null;
}

/**
 * What happened to a saga, step by step in the order of the definition, and what was done to the whole.
 * @param declared names of all its steps; those that nothing happened to are pending
 */
export function timelineOf(events: readonly DomainEvent[], declared: readonly string[]): Timeline {
  const [first] = events;
  const startedAt = first && isOf(SagaStarted, first) ? first.data.startedAt : 0;
  const entries = events.flatMap((event) => entriesIn(event, startedAt));
  const marks = events.flatMap((event) => marksIn(event, startedAt));
  const names = [...new Set([...declared, ...entries.map(({ step }) => step)])];
  const steps = names.map((step) => {
    const own = entries.filter((entry) => entry.step === step);
    const [act, undo] = [onSide(own, 'act'), onSide(own, 'undo')];
    return { step, state: stateOf(act.at(-1)?.state, undo.at(-1)?.state), act, undo };
  });
  const last = events.findLast(({ type }) => ENDS.includes(type));
  const tookMs = last && isOf(SagaEnded, last) ? last.data.endedAt - startedAt : null;
  return { steps, marks, tookMs };
}

/** An end, and what opens one again. */
const ENDS: readonly string[] = [SagaEnded, SagaStepRetried, SagaStepSkipped].map(({ type }) => type);

interface PlacedEntry extends Entry {
  readonly step: string;
  readonly side: string;
}

function onSide(entries: readonly PlacedEntry[], wanted: string): Entry[] {
  return entries.filter(({ side }) => side === wanted).map(({ step: _step, side: _side, ...entry }) => entry);
}

/** Whatever became of the act: once its undo is under way, that is how the step stands. */
function stateOf(act: string | undefined, undo: string | undefined): StepState {
  if (undo === 'completed') return act === 'failed' ? 'failed' : 'compensated';
  if (undo === 'skipped') return 'skipped';
  if (undo === 'failed') return 'failed';
  if (undo !== undefined) return 'compensating';
  if (act === undefined) return 'pending';
  return act === 'completed' || act === 'failed' || act === 'skipped' ? act : 'running';
}

function entriesIn(event: DomainEvent, startedAt: number): PlacedEntry[] {
  if (isOf(SagaStepChanged, event)) {
    const { changes, changedAt } = event.data;
    return changes.map((change) => entryOf(change, changedAt - startedAt));
  }
  if (isOf(SagaStepRetried, event)) return [personal(event.data, 'retried', event.data.retriedAt - startedAt)];
  if (isOf(SagaStepSkipped, event)) return [personal(event.data, 'skipped', event.data.skippedAt - startedAt)];
  return [];
}

type SagaStepChange = SagaStepChanged['changes'][number];

function entryOf(change: SagaStepChange, afterMs: number): PlacedEntry {
  const { step, side, state, way, attempt, command, commandId, code, detail } = change;
  const asked = { command, commandId, attempt, way: way === '' || way === step ? null : way };
  return { step, side, afterMs, state, ...asked, code, why: detail, actor: null };
}

interface ByPerson {
  readonly step: string;
  readonly side: string;
  readonly actor: string;
  readonly reason: string;
}

function personal({ step, side, actor, reason }: ByPerson, state: string, afterMs: number): PlacedEntry {
  const nothingAsked = { command: null, commandId: null, attempt: 0, way: null, code: null };
  return { step, side, afterMs, state, ...nothingAsked, why: reason, actor };
}

function marksIn(event: DomainEvent, startedAt: number): Mark[] {
  const mark = (at: number, what: string, why: string | null, actor: string | null): Mark[] => [
    { afterMs: at - startedAt, what, why, actor },
  ];
  if (isOf(SagaPaused, event)) return mark(event.data.pausedAt, 'paused', event.data.reason, event.data.actor);
  if (isOf(SagaResumed, event)) return mark(event.data.resumedAt, 'resumed', event.data.reason, event.data.actor);
  if (isOf(SagaCanceled, event)) return mark(event.data.canceledAt, 'canceled', event.data.reason, event.data.actor);
  if (isOf(SagaEnded, event)) return mark(event.data.endedAt, event.data.outcome, event.data.reason || null, null);
  if (isOf(SagaReplyNoted, event)) {
    const { notedAt, verdict, messageType } = event.data;
    return mark(notedAt, `${verdict} ${messageType.slice(messageType.lastIndexOf('.') + 1)}`, null, null);
  }
  return [];
}
