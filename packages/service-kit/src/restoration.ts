import { createHash } from 'node:crypto';
import { InboxConflict, VersionConflict } from '@towpath/event-store/errors';
import {
  firstUndecided,
  importedAfter,
  isRestoring,
  restoredBy,
  type RestoredEvent,
} from '@towpath/event-store/restore/restored';
import { dayOf, type EventStore, type InboxRow } from '@towpath/event-store/types';
import type { Folds } from './folds.js';
import type { Logger } from './logger.js';
import { identityOf } from './pipeline/decide-group.js';
import { GroupState } from './pipeline/group-state.js';
import type { Item } from './pipeline/item.js';
import { ownOf } from './pipeline/restored-decision.js';

const FOLDED_PER_COMMIT = 200;
const LOOK_AGAIN_MS = 60_000;
const PATIENCE_MS = 10_000;

export interface RestorationOptions {
  readonly service: string;
  /** the group that decides again what it decided */
  readonly consumer: string;
  readonly store: EventStore;
  readonly folds: Folds;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/**
 * A consumer group's part in a restore: what `towpath doctor restore` put back is folded into the projections, and messages that come again
 * are given what they led to before. At any other time it costs one look at the start.
 */
export class Restoration {
  private active = false;
  private lookedAt = 0;
  private isOpen = false;
  private elsewhere: readonly string[] = [];
  private waited: { readonly for: number | undefined; readonly since: number } = { for: undefined, since: 0 };

  constructor(private readonly options: RestorationOptions) {}

  /**
   * Before messages are handled.
   * @param elsewhere handlers of the service's other groups, which decide for themselves
   */
  async start(elsewhere: readonly string[]): Promise<void> {
    const { store, logger } = this.options;
    this.elsewhere = elsewhere;
    this.active = await isRestoring(store);
    if (!this.active) return;
    this.lookedAt = performance.now();
    const events = await this.foldImported();
    logger.info({ events }, 'restore.folded: what was put back is in the projections; its causes are decided again');
  }

  /**
   * The items in the order of the first decisions, each that has a past with what it led to. One whose turn is not yet is `early`:
   * what is decided reads rows that others write, and has to find what it found the first time.
   */
  async attach(items: readonly Item[]): Promise<readonly Item[]> {
    const { store } = this.options;
    if (!this.active || items.length === 0) return items;
    const causes = items.map(({ message }) => message.id);
    const events = await restoredBy(store, causes);
    const first = await this.firstElsewhere(causes);
    if (events.length === 0 && first === undefined) await this.lookAgain();
    const past = items.map((item) => {
      const caused = events.filter(({ cause }) => cause === item.message.id);
      const restored = ownOf(identityOf(item), item.handler.name, caused);
      return restored.length === 0 ? item : { ...item, restored };
    });
    return inFirstOrder(past).map((item) => (isEarly(item, first) ? { ...item, early: true } : item));
  }

  /** When the first decision was made that is in no message of this group; one that does not come is waited for only so long. */
  private async firstElsewhere(causes: readonly string[]): Promise<Date | undefined> {
    if (this.isOpen) return undefined;
    const { store, consumer, logger } = this.options;
    const first = await firstUndecided(store, { consumer, except: causes, elsewhere: this.elsewhere });
    if (first?.getTime() !== this.waited.for) this.waited = { for: first?.getTime(), since: performance.now() };
    if (!first || performance.now() - this.waited.since < PATIENCE_MS) return first;
    this.isOpen = true;
    logger.warn(
      { code: 'RESTORE_CAUSE_MISSING', decided_at: first },
      'restore.order_given_up: a message does not come again',
    );
    return undefined;
  }

  private async lookAgain(): Promise<void> {
    if (performance.now() - this.lookedAt < LOOK_AGAIN_MS) return;
    this.lookedAt = performance.now();
    this.active = await isRestoring(this.options.store);
  }

  /** Each event once, whatever ends in between and however many groups and replicas do it: an inbox row of its own goes with it. */
  private async foldImported(): Promise<number> {
    const { store } = this.options;
    let folded = 0;
    let position = '0';
    for (;;) {
      const events = await importedAfter(store, position, FOLDED_PER_COMMIT);
      const last = events.at(-1);
      if (!last) return folded;
      folded += await this.foldOnce(events);
      position = last.position;
    }
  }

  private async foldOnce(events: readonly RestoredEvent[]): Promise<number> {
    for (;;) {
      try {
        return await this.fold(events);
      } catch (error) {
        // Another replica folds, too.
        if (!(error instanceof InboxConflict) && !(error instanceof VersionConflict)) throw error;
      }
    }
  }

  private async fold(events: readonly RestoredEvent[]): Promise<number> {
    const { service, store, folds } = this.options;
    const rows = new Map(events.map((event) => [event.id, inboxRowOf(event)]));
    const { seen } = await store.loadGroup({ consumer: service, ids: [...rows.values()], streams: [], rows: [] });
    const fresh = events.filter(({ id }) => !seen.has(rows.get(id)!.eventId));
    if (fresh.length === 0) return 0;
    const state = new GroupState({ seen, streams: new Map(), rows: new Map(), held: new Map() }, [], folds);
    for (const event of fresh) state.apply(event);
    state.addLate(await store.loadGroup({ consumer: service, ids: [], streams: [], rows: state.missingRows() }));
    await store.commitGroup({ consumer: service, inbox: fresh.map(({ id }) => rows.get(id)!), rows: state.writes() });
    return fresh.length;
  }
}

/** A message was decided when it was, as its events tell, or at some time after it was sent. */
function timeOf({ restored, message }: Item): number {
  return (restored?.[0]?.occurredAt ?? message.time).getTime();
}

function isEarly(item: Item, first: Date | undefined): boolean {
  return !item.caller && first !== undefined && timeOf(item) > first.getTime();
}

/** By the time of the first decision; of one key, as they came. */
function inFirstOrder(items: readonly Item[]): Item[] {
  const lastOfKey = new Map<string, number>();
  const timed = items.map((item) => {
    const time = Math.max(timeOf(item), lastOfKey.get(item.orderKey) ?? 0);
    lastOfKey.set(item.orderKey, time);
    return { item, time };
  });
  return timed.sort((one, other) => one.time - other.time).map(({ item }) => item);
}

function inboxRowOf({ id, occurredAt }: RestoredEvent): InboxRow {
  return { eventId: `restored:${id}`, day: dayOf(occurredAt), fingerprint: createHash('sha256').update(id).digest() };
}
