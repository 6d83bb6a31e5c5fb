import { KafkaError, reasonOf } from './kafka-error.js';
import { Lane, type Chunk, type LaneBounds } from './lane.js';
import type { InboundRecord } from './record.js';

export interface IntakeOptions extends LaneBounds {
  onRecords(records: InboundRecord[]): Promise<void>;
  /** `onRecords` rejected: nothing of its group counts as handled, and nothing more is handed over */
  onFailure(error: KafkaError): void;
  groupRecordsMax: number;
  /** topics whose records go first; what waits of the others is bounded beside them */
  first?: ReadonlySet<string>;
  now(): number;
}

/**
 * While a group is handled, fetches are spaced by this, so that they bring many records each and not one each; while the same group goes on, by twice
 * as much each time.
 */
const FETCH_SPACING_MS = 2;
const FETCH_SPACING_MS_MAX = 16;
/** So many groups in a row may leave no room for the records that do not go first. */
const PASSED_OVER_MAX = 3;

/**
 * Hands records over in groups: one call of `onRecords` at a time, with everything that arrived meanwhile over all
 * partitions. Fetching goes on while a group is handled (K19: a slow group holds up no fetch), up to the bounds. Records of
 * the topics that go first are taken before all others, which get what room is left in a group, and one chunk of each fourth group in any case: they get
 * slower, and never stop.
 * Within a partition the order is the partition's, always.
 */
export class Intake {
  private readonly first: Lane;
  private readonly others: Lane;
  private readonly done = new Map<string, Chunk>();
  private groupSince: number | undefined;
  private groupOldest: number | undefined;
  private closed = false;
  private running: Promise<void> | undefined;
  private spacing: Promise<void> | undefined;
  private endSpacing: (() => void) | undefined;
  private spacingMs = FETCH_SPACING_MS;
  private passedOver = 0;
  /** when a group was last handled, in milliseconds of `now()`; 0 before the first */
  lastHandledAt = 0;

  constructor(private readonly options: IntakeOptions) {
    this.first = new Lane(options);
    this.others = new Lane(options);
  }

  /** Takes a chunk; resolves when more may be fetched. */
  async offer(chunk: Chunk): Promise<void> {
    if (this.closed) return;
    const lane = this.options.first?.has(chunk.topic) ? this.first : this.others;
    lane.push(chunk);
    this.running ??= this.run();
    if (lane.isFull) await this.room(lane, chunk);
    else if (this.groupSince !== undefined) await this.space();
  }

  /** Forgets what isn't handed over yet: after a rebalance it is fetched again, here or by its new owner. */
  dropWaiting(): void {
    this.first.clear();
    this.others.clear();
    this.endSpacing?.();
  }

  /** The chunks handled since the last call, the newest of each partition. */
  takeHandled(): Chunk[] {
    const handled = [...this.done.values()];
    this.done.clear();
    return handled;
  }

  /** Since when the group at hand has been with `onRecords`; undefined when none is. */
  busySince(): number | undefined {
    return this.groupSince;
  }

  /** Age of the oldest record not yet handled, in seconds; 0 when there is none. */
  lagSeconds(): number {
    const waiting = [this.first.oldest, this.others.oldest].filter((at) => at !== undefined);
    const oldest = this.groupOldest ?? Math.min(...waiting);
    return Number.isFinite(oldest) ? Math.max(0, (this.options.now() - oldest) / 1000) : 0;
  }

  /** Hands nothing more over; resolves when the group at hand is through. */
  async close(): Promise<void> {
    this.closed = true;
    this.dropWaiting();
    await this.running;
  }

  private async run(): Promise<void> {
    // The partitions of one fetch arrive in the same turn of the event loop: let them share a group.
    await Promise.resolve();
    while (!(this.first.isEmpty && this.others.isEmpty) && !this.closed) await this.handleGroup(this.takeGroup());
    this.running = undefined;
  }

  private async handleGroup(group: Chunk[]): Promise<void> {
    const records = group.length === 1 && group[0] ? group[0].records : group.flatMap((chunk) => chunk.records);
    if (records.length > 0) {
      this.groupSince = this.options.now();
      this.spacingMs = FETCH_SPACING_MS;
      this.groupOldest = records[0]?.timestamp;
      try {
        await this.options.onRecords(records);
      } catch (error) {
        this.closed = true;
        this.options.onFailure(
          new KafkaError('HANDLER_FAILED', `records could not be handled: ${reasonOf(error)}`, { cause: error }),
        );
        return;
      } finally {
        this.groupSince = undefined;
        this.groupOldest = undefined;
        this.endSpacing?.();
      }
      this.lastHandledAt = this.options.now();
    }
    for (const chunk of group) this.done.set(`${chunk.topic}/${chunk.partition}`, { ...chunk, records: [] });
  }

  private takeGroup(): Chunk[] {
    const { groupRecordsMax } = this.options;
    const first = this.first.take(groupRecordsMax, true);
    const taken = first.reduce((sum, { records }) => sum + records.length, 0);
    const isTheirTurn = first.length === 0 || this.passedOver === PASSED_OVER_MAX;
    const others = this.others.take(groupRecordsMax - taken, isTheirTurn);
    this.passedOver = others.length > 0 || this.others.isEmpty ? 0 : this.passedOver + 1;
    // There is room for the next fetch.
    this.endSpacing?.();
    return [...first, ...others];
  }

  /**
   * One fetch asks for all partitions and the next comes when all it brought is taken: records that go first would wait for room for the
   * others. So the others do not wait, but are not fetched until there is room.
   */
  private async room(lane: Lane, { pause }: Chunk): Promise<void> {
    if (lane === this.others && this.options.first?.size && pause) lane.whenRoomy(pause());
    else await new Promise<void>((resolve) => lane.whenRoomy(resolve));
  }

  private space(): Promise<void> {
    this.spacing ??= new Promise((resolve) => {
      const timer = setTimeout(resolve, this.spacingMs);
      this.spacingMs = Math.min(2 * this.spacingMs, FETCH_SPACING_MS_MAX);
      this.endSpacing = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    return this.spacing.finally(() => (this.spacing = undefined));
  }
}
