import type { Contract, DataOf } from '@towpath/contracts/contract';
import { partsOf, type SagaDefinition, type Stage } from './definition.js';
import { refuseFaults } from './definition-faults.js';
import { parallelOf, pauseOf, stepOf, waitOf } from './stages.js';
import type {
  Facts,
  OptionalStepOptions,
  Results,
  StepOptions,
  TimesOut,
  WaitForEvent,
  WaitForPerson,
  PersonDecided,
} from './step-options.js';

export interface SagaOptions {
  /** raised with every change of what follows from the same answers: running instances end with the version they began with */
  readonly version: number;
  /** after this time what was done is undone; left out = never */
  readonly deadlineMs?: number;
}

/** Begins the definition of a saga. See docs/how-to/sagas.md. */
export function saga(name: string, options: SagaOptions): Unstarted {
  return {
    startsWith: (starts, keyOf, only) =>
      new SagaBuilder({
        ...{ name, version: options.version, deadlineMs: options.deadlineMs ?? null, starts, stages: [], ends: [] },
        keyOf: keyOf,
        ...(only && { only: only as (data: unknown) => boolean }),
      }),
  };
}

interface Unstarted {
  /**
   * The event that begins an instance, and what the instance is about. A key has one instance for ever: another event of a key that
   * runs or ended begins nothing.
   * @param only leaves events out that begin nothing
   */
  startsWith<C extends Contract>(
    contract: C,
    keyOf: (data: DataOf<C>) => string,
    only?: (data: DataOf<C>) => boolean,
  ): SagaBuilder<DataOf<C>, object>;
}

type With<R extends Results, Name extends string, Value> = R & { readonly [S in Name]: Value };
type Perhaps<R extends Results, Name extends string, Value> = R & { readonly [S in Name]?: Value };
type Waited<R extends Results, Name extends string, T extends TimesOut, Value> = T extends 'continue'
  ? Perhaps<R, Name, Value>
  : With<R, Name, Value>;

/** The definition as far as it goes. Each method gives a new one. */
export class SagaBuilder<Start, R extends Results> {
  constructor(private readonly so: SagaDefinition) {}

  /** A step that has to be done before the next begins. */
  step<const Name extends string, Done extends Contract, Other extends Contract = never>(
    name: Name,
    options: StepOptions<Start, R, Name, Done, Other>,
  ): SagaBuilder<Start, With<R, Name, DataOf<Done> | DataOf<Other>>> {
    return this.and(stepOf(name, options));
  }

  /** A step that may be left out, or fail without undoing the others. */
  optional<const Name extends string, Done extends Contract, Other extends Contract = never>(
    name: Name,
    options: OptionalStepOptions<Start, R, Name, Done, Other>,
  ): SagaBuilder<Start, Perhaps<R, Name, DataOf<Done> | DataOf<Other>>> {
    return this.and(stepOf(name, options, true));
  }

  /** Steps that begin at once; the next begins when all are done. When one fails, the others are heard to their end and undone. */
  parallel<G extends Results>(
    name: string,
    group: (group: GroupBuilder<Start, R, object>) => GroupBuilder<Start, R, G>,
  ): SagaBuilder<Start, R & G> {
    return this.and(parallelOf(name, group(new GroupBuilder<Start, R, object>([])).stages));
  }

  /** Waits for an event that no command of the saga caused. */
  waitFor<const Name extends string, E extends Contract, const T extends TimesOut = 'compensate'>(
    name: Name,
    options: WaitForEvent<Start, R, E, T>,
  ): SagaBuilder<Start, Waited<R, Name, T, DataOf<E>>>;
  /** Waits for a person's approval. */
  waitFor<const Name extends string, const T extends TimesOut = 'compensate'>(
    name: Name,
    options: WaitForPerson<Start, R, T>,
  ): SagaBuilder<Start, Waited<R, Name, T, PersonDecided>>;
  waitFor(name: string, options: object): SagaBuilder<Start, never> {
    return this.and(waitOf(name, options));
  }

  /** Lets time pass. */
  pause(name: string, ms: number | ((facts: Facts<Start, R>) => number)): SagaBuilder<Start, R> {
    return this.and(pauseOf(name, ms));
  }

  /** Completes the saga as soon as this event comes: nothing more is begun, and what is under way is heard to its end. */
  endsOn<E extends Contract>(event: E, key: (data: DataOf<E>) => string | null): SagaBuilder<Start, R> {
    const end = { contract: event, key: key };
    return new SagaBuilder({ ...this.so, ends: [...this.so.ends, end] });
  }

  /** The definition. Throws DEFINITION_INVALID, naming everything that is wrong with it. */
  build(): SagaDefinition {
    refuseFaults(this.so);
    return this.so;
  }

  private and<Next extends Results>(stage: Stage): SagaBuilder<Start, Next> {
    const number = partsOf(this.so).length;
    const numbered: Stage =
      stage.kind === 'parallel'
        ? { ...stage, steps: stage.steps.map((step, index) => ({ ...step, number: number + index })) }
        : { ...stage, number };
    return new SagaBuilder({ ...this.so, stages: [...this.so.stages, numbered] });
  }
}

/** Steps that run at once: each sees the results from before the group. */
export class GroupBuilder<Start, R extends Results, G extends Results> {
  constructor(readonly stages: readonly Stage[]) {}

  step<const Name extends string, Done extends Contract, Other extends Contract = never>(
    name: Name,
    options: StepOptions<Start, R, Name, Done, Other>,
  ): GroupBuilder<Start, R, With<G, Name, DataOf<Done> | DataOf<Other>>> {
    return new GroupBuilder([...this.stages, stepOf(name, options)]);
  }

  optional<const Name extends string, Done extends Contract, Other extends Contract = never>(
    name: Name,
    options: OptionalStepOptions<Start, R, Name, Done, Other>,
  ): GroupBuilder<Start, R, Perhaps<G, Name, DataOf<Done> | DataOf<Other>>> {
    return new GroupBuilder([...this.stages, stepOf(name, options, true)]);
  }
}
