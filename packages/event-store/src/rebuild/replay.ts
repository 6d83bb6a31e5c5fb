import { StoreError } from '../errors.js';
import { foldable } from '../foldable.js';
import type { Projection } from '../projection.js';
import { eventColumns, storedEventOf } from '../rows.js';
import type { DomainEvent, StoredEvent } from '../types.js';
import type { Upcasters } from '../upcast.js';
import type { Run } from './rebuild-types.js';
import type { Shadow } from './shadow.js';

const eventsPerRead = 2_000;

/** What is replayed into the shadow: events after one position up to another, both decimal strings. */
export interface Replay {
  readonly schema: string;
  readonly projection: Projection<unknown>;
  readonly shadow: Shadow;
  readonly upcasters: Upcasters;
  readonly after: string;
  readonly to: string;
  /** whether rows that it writes count as different from the live ones */
  readonly changed: boolean;
  /** told of each event, and whether the projection has rows of it */
  onEvent?(event: StoredEvent, isUsed: boolean): void;
  /** told after each page; may throw to end it */
  onPage?(events: number, position: string): void;
}

/** Folds the events into the shadow, a page at a time: it takes the memory of one page and its rows. Answers how many there were. */
export async function replay(run: Run, { schema, to, ...about }: Replay): Promise<number> {
  const read = {
    name: 'replay_events',
    text: `select ${eventColumns('e')} from ${schema}.events e where e.position > $1 and e.position <= $2
      order by e.position limit ${eventsPerRead}`,
  };
  let after = about.after;
  let replayed = 0;
  for (;;) {
    const events = (await run(read, [after, to])).map((row) => storedEventOf(row));
    const last = events.at(-1);
    if (!last) return replayed;
    const { projection } = about;
    const visible = events.map((event) => {
      const seen = foldable(about.upcasters.event(event));
      const keys = event.archived ? [] : asFold(projection, seen, () => projection.keysOf(seen));
      about.onEvent?.(event, keys.length > 0);
      return { event: seen, keys };
    });
    const keys = [...new Set(visible.flatMap((one) => one.keys))];
    const states = keys.length === 0 ? new Map<string, unknown>() : await about.shadow.states(run, keys);
    for (const { event, keys: own } of visible) {
      for (const key of own) {
        const state = asFold(projection, event, () => projection.evolve(states.get(key), event, key));
        states.set(key, asStored(state));
      }
    }
    await about.shadow.write(run, states, about.changed);
    replayed += events.length;
    after = last.position;
    about.onPage?.(events.length, after);
    if (events.length < eventsPerRead) return replayed;
  }
}

/** The projection's own code, told from the store's failures. */
function asFold<T>({ name }: Projection<unknown>, { type, id }: DomainEvent, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new StoreError('FOLD_FAILED', `${name} can't fold ${type} ${id}: ${String(error)}`, { cause: error });
  }
}

/** As the next decision would read it: JSON has no undefined. */
function asStored(state: unknown): unknown {
  return state === undefined ? undefined : (JSON.parse(JSON.stringify(state)) as unknown);
}
