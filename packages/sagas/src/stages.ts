import type { Contract } from '@towpath/contracts/contract';
import type {
  AnyFacts,
  ParallelDefinition,
  Stage,
  StepDefinition,
  WaitDefinition,
  WayDefinition,
} from './definition.js';
import type { Retry } from './step-options.js';

type Many = Contract | readonly Contract[];

interface AnyWay {
  readonly do: unknown;
  readonly undo: unknown;
  readonly undone?: Many;
  readonly undoFailed?: Many;
  readonly probe?: unknown;
}

interface AnyStep extends AnyWay {
  readonly done: Many;
  readonly failed: Many;
  readonly unknown?: Many;
  readonly timeoutMs: number;
  readonly retry?: Retry;
  readonly alternatives?: readonly (AnyWay & {
    readonly name: string;
    readonly done?: Many;
    readonly failed?: Many;
    readonly unknown?: Many;
  })[];
  readonly when?: unknown;
  readonly whenFailed?: 'compensate' | 'continue';
}

const ONCE: Retry = { attempts: 1, backoffMs: 0 };

/** A step from its options; the builder numbers it. */
export function stepOf(name: string, options: object, optional = false): StepDefinition {
  const step = options as AnyStep;
  const { alternatives = [], when } = step;
  return {
    ...{ kind: 'step', name, number: 0, timeoutMs: step.timeoutMs, retry: step.retry ?? ONCE, optional },
    ways: [wayOf(name, step, step), ...alternatives.map((way) => wayOf(way.name, way, { ...step, ...present(way) }))],
    whenFailed: step.whenFailed ?? 'compensate',
    ...(when !== undefined && { when: when as (facts: AnyFacts) => boolean }),
  };
}

function wayOf(
  name: string,
  way: AnyWay,
  { done, failed, unknown = [] }: Pick<AnyStep, 'done' | 'failed' | 'unknown'>,
): WayDefinition {
  const { probe } = way;
  return {
    name,
    do: way.do as WayDefinition['do'],
    undo: way.undo as WayDefinition['undo'],
    ...{ done: many(done), failed: many(failed), unknown: many(unknown) },
    undone: many(way.undone ?? done),
    undoFailed: many(way.undoFailed ?? failed),
    ...(probe !== undefined && { probe: probe as NonNullable<WayDefinition['probe']> }),
  };
}

function present<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function many(contracts: Many): readonly Contract[] {
  return Array.isArray(contracts) ? (contracts as readonly Contract[]) : [contracts as Contract];
}

export function parallelOf(name: string, steps: readonly Stage[]): ParallelDefinition {
  return { kind: 'parallel', name, steps: steps as readonly StepDefinition[] };
}

/** A wait from its options; the builder numbers it. */
export function waitOf(name: string, options: object): WaitDefinition {
  const { event, key, ...wait } = options as Omit<WaitDefinition, 'event'> & { event?: Contract; key?: unknown };
  return {
    ...wait,
    ...{ kind: 'wait', name, number: 0, timesOut: wait.timesOut ?? 'compensate' },
    ...(event && { event: { contract: event, key: key as (data: unknown) => string | null } }),
  };
}

export function pauseOf(name: string, timeoutMs: unknown): WaitDefinition {
  const time = timeoutMs as WaitDefinition['timeoutMs'];
  return { kind: 'wait', name, number: 0, timeoutMs: time, timesOut: 'continue' };
}
