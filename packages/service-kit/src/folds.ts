import type { Aggregate } from '@towpath/event-store/fold';
import type { Projection } from '@towpath/event-store/projection';
import { foldable } from '@towpath/event-store/foldable';
import type { DomainEvent } from '@towpath/event-store/types';
import { Upcasters, type Upcaster } from '@towpath/event-store/upcast';
import { contractsProducedBy } from '@towpath/contracts/catalogue';
import { agentSwitches } from './agents/agent-switches.projection.js';
import { deadLetterGroups } from './dead-letters/dead-letter-groups.projection.js';
import { deadLetters } from './dead-letters/dead-letter.js';
import { reviews } from './reviews/review.js';

/** Everything that a service folds from its own events. */
export interface Folds {
  readonly aggregates: readonly Aggregate<unknown>[];
  readonly projections: readonly Projection<unknown>[];
  /** how older versions of events read */
  readonly upcasters: Upcasters;
}

/** What a service declares of them. */
type Declared = Partial<Omit<Folds, 'upcasters'>> & { readonly upcasters?: readonly Upcaster[] };

/**
 * What a service declares and what every service with a store has. Throws FOLDS_INVALID when two share a name: their
 * states would be one another's.
 */
export function foldsOf({ aggregates = [], projections = [], upcasters = [] }: Declared): Folds {
  const folds = {
    aggregates: [...aggregates, deadLetters, reviews],
    projections: [...projections, deadLetterGroups, agentSwitches],
    upcasters: new Upcasters(upcasters),
  };
  const names = [
    ...folds.aggregates.map(({ stream }) => `aggregate ${stream}`),
    ...folds.projections.map(({ name }) => `projection ${name}`),
  ];
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length === 0) return folds;
  throw new Error(`FOLDS_INVALID: declared twice: ${twice.join(', ')}; give each a name of its own, or list it once`);
}

/** The aggregate whose streams this is one of: that of the longest name, as `dead-letter` and `dead` may both be names. */
export function aggregateOf<A extends Pick<Aggregate<unknown>, 'stream'>>(
  aggregates: readonly A[],
  stream: string,
): A | undefined {
  const candidates = aggregates.filter((aggregate) => stream.startsWith(`${aggregate.stream}-`));
  return candidates.sort((one, other) => other.stream.length - one.stream.length)[0];
}

/** An event as the folds of a service see it: of the newest version, and without personal data. */
export function visible({ upcasters }: Pick<Folds, 'upcasters'>, event: DomainEvent): DomainEvent {
  return foldable(upcasters.event(event));
}

/**
 * Holds a service to reading every version of what it may have stored: each older version of an event leads to the next. Throws
 * UPCASTERS_INVALID naming what is to be declared.
 */
export function checkUpcasters(service: string, { upcasters }: Pick<Folds, 'upcasters'>): void {
  const problems = upcasters.problems(contractsProducedBy(service));
  if (problems.length === 0) return;
  throw new Error(`UPCASTERS_INVALID:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
}
