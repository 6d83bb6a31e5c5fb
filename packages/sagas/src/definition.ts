import type { Contract } from '@towpath/contracts/contract';
import type { Ask } from './ask.js';
import type { AskedCommand, Facts, PersonAsked, Retry, TimesOut } from './step-options.js';

export type AnyFacts = Facts<unknown, Readonly<Record<string, unknown>>>;

/** One way to do a step. */
export interface WayDefinition {
  /** the step's own name for the first way */
  readonly name: string;
  do(facts: AnyFacts): Ask;
  readonly undo: ((facts: AnyFacts) => Ask) | 'irreversible';
  readonly done: readonly Contract[];
  readonly failed: readonly Contract[];
  readonly unknown: readonly Contract[];
  readonly undone: readonly Contract[];
  readonly undoFailed: readonly Contract[];
  readonly probe?: (facts: AnyFacts, asked: AskedCommand) => Ask;
}

export interface StepDefinition {
  readonly kind: 'step';
  readonly name: string;
  /** place in the definition, from 0; part of the ids of its commands */
  readonly number: number;
  readonly ways: readonly [WayDefinition, ...WayDefinition[]];
  readonly timeoutMs: number;
  readonly retry: Retry;
  /** the saga can do without it: it need not be taken back when nothing takes it back */
  readonly optional: boolean;
  readonly whenFailed: 'compensate' | 'continue';
  readonly when?: (facts: AnyFacts) => boolean;
}

/** Something that is waited for: an event, a person, or only time. */
export interface WaitDefinition {
  readonly kind: 'wait';
  readonly name: string;
  readonly number: number;
  readonly timeoutMs: number | ((facts: AnyFacts) => number);
  readonly timesOut: TimesOut;
  readonly when?: (facts: AnyFacts) => boolean;
  readonly event?: { readonly contract: Contract; key(data: unknown): string | null };
  readonly person?: (facts: AnyFacts) => PersonAsked;
}

/** Steps that run at once. */
export interface ParallelDefinition {
  readonly kind: 'parallel';
  readonly name: string;
  readonly steps: readonly StepDefinition[];
}

export type Stage = StepDefinition | WaitDefinition | ParallelDefinition;

/** An event that ends a saga as completed: nothing more is begun, what is under way is heard to its end. */
export interface EndDefinition {
  readonly contract: Contract;
  key(data: unknown): string | null;
}

/** A saga as the orchestrator runs it. */
export interface SagaDefinition {
  readonly name: string;
  readonly version: number;
  /** after this time it is undone; null = never */
  readonly deadlineMs: number | null;
  readonly starts: Contract;
  keyOf(data: unknown): string;
  /** whether an event of `starts` begins one at all */
  readonly only?: (data: unknown) => boolean;
  readonly stages: readonly Stage[];
  readonly ends: readonly EndDefinition[];
}

function partsOfStage(stage: Stage): readonly (StepDefinition | WaitDefinition)[] {
  return stage.kind === 'parallel' ? stage.steps : [stage];
}

/** Every step and wait of a definition, in order. */
export function partsOf(definition: SagaDefinition): readonly (StepDefinition | WaitDefinition)[] {
  const known = parts.get(definition);
  if (known) return known;
  const all = definition.stages.flatMap(partsOfStage);
  parts.set(definition, all);
  return all;
}

/** Asked for several times in every decision. */
const parts = new WeakMap<SagaDefinition, readonly (StepDefinition | WaitDefinition)[]>();

/** The steps of a definition, in order. */
export function stepsOf(definition: SagaDefinition): readonly StepDefinition[] {
  return partsOf(definition).filter((part) => part.kind === 'step');
}

/** The waits of a definition, in order. */
export function waitsOf(definition: SagaDefinition): readonly WaitDefinition[] {
  return partsOf(definition).filter((part) => part.kind === 'wait');
}
