import type { DataOf } from '@towpath/contracts/contract';
import { SagaCanceled } from '@towpath/contracts/sagas/SagaCanceled.v1';
import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaPaused } from '@towpath/contracts/sagas/SagaPaused.v1';
import { SagaReplyNoted } from '@towpath/contracts/sagas/SagaReplyNoted.v1';
import { SagaResumed } from '@towpath/contracts/sagas/SagaResumed.v1';
import { SagaStarted } from '@towpath/contracts/sagas/SagaStarted.v1';
import { SagaStepChanged } from '@towpath/contracts/sagas/SagaStepChanged.v1';
import { SagaStepRetried } from '@towpath/contracts/sagas/SagaStepRetried.v1';
import { SagaStepSkipped } from '@towpath/contracts/sagas/SagaStepSkipped.v1';
import { SagaTimerSet } from '@towpath/contracts/sagas/SagaTimerSet.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';

export type Side = 'act' | 'undo';

/**
 * Where one side of a step stands. `retrying`: it was refused and is asked again after a pause; `probing`: its outcome is being
 * asked for; `unknown`: its outcome is not known, and nothing more is asked.
 */
export type SideName = 'pending' | 'running' | 'retrying' | 'probing' | 'completed' | 'failed' | 'unknown' | 'skipped';

export interface SideState {
  readonly state: SideName;
  /** name of the way that was taken last; empty before the first */
  readonly way: string;
  /** how often that way was asked for */
  readonly attempt: number;
  /** the same by way */
  readonly asked: Readonly<Record<string, number>>;
  /** attempts of that way that do not count: they were made before a person asked for more */
  readonly forgiven: number;
  /** the command that was sent last, and its type; not its probes */
  readonly commandId: string | null;
  readonly command: string | null;
  /** probes sent in all, and those since the command was sent */
  readonly probes: number;
  readonly probesOfCommand: number;
  readonly code: string | null;
  readonly detail: string | null;
  /** when it came to `state`, milliseconds since the epoch */
  readonly at: number;
}

export interface PartState {
  readonly act: SideState;
  readonly undo: SideState;
  /** what its answer said, without personal data */
  readonly result?: unknown;
}

export type SagaStatus =
  'none' | 'running' | 'finishing' | 'compensating' | 'completed' | 'compensated' | 'needs_human';

/** Where an instance stands. */
export interface SagaState {
  readonly status: SagaStatus;
  /** a person stopped it: it hears answers and begins nothing */
  readonly paused: boolean;
  readonly sagaId: string;
  readonly definition: string;
  readonly version: number;
  readonly key: string;
  /** the event that began it as JSON, without its personal data */
  readonly payload: string;
  /** its personal data are kept */
  readonly personal: boolean;
  readonly startedAt: number;
  readonly deadlineAt: number | null;
  /** why it is undone or finishing */
  readonly cause: string | null;
  /** why it ended as it did, or needs a person */
  readonly code: string | null;
  /** the step that failed, or whose undo did, as its end told */
  readonly failedStep: string | null;
  /** what it goes on with when a person decides */
  readonly before: 'running' | 'finishing' | 'compensating';
  /** of steps and waits that are not pending, by name */
  readonly parts: Readonly<Record<string, PartState>>;
  /** their names in the order they began */
  readonly order: readonly string[];
  /** when the earliest timer fires that is out */
  readonly lookAt: number | null;
  /** steps that were said to be done after they had been taken as not done */
  readonly contradictions: readonly string[];
  /** where its story began: what it sends is counted from there */
  readonly origin: Origin | null;
}

export interface Origin {
  readonly correlationId: string;
  readonly hops: number;
  readonly path: readonly string[];
  readonly taint?: DomainEvent['metadata']['taint'];
}

export type StepChange = DataOf<typeof SagaStepChanged>['changes'][number];

export const PENDING: SideState = {
  ...{ state: 'pending', way: '', attempt: 0, asked: {}, forgiven: 0, commandId: null, command: null },
  ...{ probes: 0, probesOfCommand: 0, code: null, detail: null, at: 0 },
};
const UNTOUCHED: PartState = { act: PENDING, undo: PENDING };

const NONE: SagaState = {
  ...{ status: 'none', paused: false, sagaId: '', definition: '', version: 0, key: '', payload: '', personal: false },
  ...{ startedAt: 0, deadlineAt: null, cause: null, code: null, failedStep: null, before: 'running' },
  ...{ parts: {}, order: [], lookAt: null, contradictions: [], origin: null },
};

/** One run of a saga. Its events are all it is made of. */
export const sagas = aggregate<SagaState>({ stream: 'saga', initial: NONE, evolve });

function evolve(state: SagaState, event: DomainEvent): SagaState {
  if (isOf(SagaStepChanged, event)) return changed(state, event.data);
  if (isOf(SagaStarted, event)) return started(state, event.data, event);
  if (isOf(SagaEnded, event)) return ended(state, event.data);
  if (isOf(SagaTimerSet, event)) return { ...state, lookAt: event.data.dueAt };
  if (isOf(SagaReplyNoted, event)) return noted(state, event.data);
  return evolveByPerson(state, event);
}

function evolveByPerson(state: SagaState, event: DomainEvent): SagaState {
  if (isOf(SagaCanceled, event)) return canceled(state);
  if (isOf(SagaPaused, event)) return { ...state, paused: true };
  // Timers that fired meanwhile found it paused; what is due is looked at again.
  if (isOf(SagaResumed, event)) return { ...state, paused: false, lookAt: null };
  if (isOf(SagaStepRetried, event)) return reopened(withSide(state, event.data.step, sideOf(event.data.side), again));
  if (isOf(SagaStepSkipped, event)) return skipped(state, event.data.step, sideOf(event.data.side), event.occurredAt);
  return state;
}

function started(state: SagaState, data: DataOf<typeof SagaStarted>, { metadata }: DomainEvent): SagaState {
  const { sagaId, definition, version, key, payload, personId, startedAt, deadlineAt } = data;
  const { correlationId, hops, path = [], taint } = metadata;
  return {
    ...{ ...state, status: 'running', sagaId, definition, version, key, payload, startedAt, deadlineAt },
    personal: personId !== '',
    origin: { correlationId, hops, path, ...(taint !== undefined && { taint }) },
  };
}

function changed(state: SagaState, data: DataOf<typeof SagaStepChanged>): SagaState {
  const { status, code, dueAt, changedAt } = data;
  let next = withStatus(state, status as SagaState['before'], code);
  for (const change of data.changes) next = withChange(next, change, changedAt);
  return dueAt === null ? next : { ...next, lookAt: dueAt };
}

/** The status that it goes on with. */
export function withStatus(state: SagaState, status: SagaState['before'], cause: string | null): SagaState {
  return { ...state, status, before: status, cause };
}

function ended(state: SagaState, { outcome, code, failedStep }: DataOf<typeof SagaEnded>): SagaState {
  return { ...state, status: outcome as SagaStatus, code, failedStep };
}

function noted(state: SagaState, { verdict, step }: DataOf<typeof SagaReplyNoted>): SagaState {
  if (verdict !== 'contradicting' || step === null || state.contradictions.includes(step)) return state;
  return { ...state, contradictions: [...state.contradictions, step] };
}

function canceled(state: SagaState): SagaState {
  const next = { ...state, paused: false, lookAt: null };
  return isOver(state) || state.status === 'compensating' ? next : withStatus(next, 'compensating', 'CANCELED');
}

/** Neither runs nor waits for a person. */
export function isOver({ status }: SagaState): boolean {
  return status === 'none' || status === 'completed' || status === 'compensated';
}

/** What goes on when a person decided something about it. */
export function reopened(state: SagaState): SagaState {
  return state.status === 'needs_human' ? { ...state, status: state.before, lookAt: null } : state;
}

/** What was refused is asked for once more; what nobody knows is not, but probed once more. */
function again(side: SideState): SideState {
  return { ...side, state: side.state === 'unknown' ? 'unknown' : 'pending', probesOfCommand: 0 };
}

function skipped(state: SagaState, step: string, side: Side, at: Date): SagaState {
  const without = { ...state, contradictions: state.contradictions.filter((one) => one !== step) };
  return reopened(
    withSide(without, step, side, (before) => ({ ...before, state: 'skipped', code: 'SKIPPED', at: at.getTime() })),
  );
}

function sideOf(side: string): Side {
  return side === 'undo' ? 'undo' : 'act';
}

/** The part as it stands; pending before it began. */
export function partOf({ parts }: SagaState, name: string): PartState {
  return parts[name] ?? UNTOUCHED;
}

/** The state after one change of a step. */
export function withChange(state: SagaState, change: StepChange, at: number): SagaState {
  const next = withSide(state, change.step, sideOf(change.side), (before) => sideAfter(before, change, at));
  if (change.result === null) return next;
  const part = { ...next.parts[change.step]!, result: JSON.parse(change.result) as unknown };
  return { ...next, parts: { ...next.parts, [change.step]: part } };
}

function sideAfter(before: SideState, change: StepChange, at: number): SideState {
  const { way, attempt, code, detail } = change;
  const state = change.state as SideName;
  const after = { ...before, state, way, attempt, code, detail, at };
  if (state === 'running') {
    const goesOn = way === before.way && before.state !== 'pending';
    return {
      ...after,
      ...{ commandId: change.commandId, command: change.command, probesOfCommand: 0 },
      asked: { ...before.asked, [way]: attempt },
      forgiven: goesOn ? before.forgiven : (before.asked[way] ?? 0),
    };
  }
  if (state !== 'probing') return after;
  return { ...after, probes: before.probes + 1, probesOfCommand: before.probesOfCommand + 1 };
}

function withSide(state: SagaState, step: string, side: Side, change: (before: SideState) => SideState): SagaState {
  const before = partOf(state, step);
  const after = { ...before, [side]: change(before[side]) };
  const order = state.order.includes(step) ? state.order : [...state.order, step];
  return { ...state, order, parts: { ...state.parts, [step]: after } };
}
