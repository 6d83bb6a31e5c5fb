import { connect, type Connections } from '../connection.js';
import { StoreError } from '../errors.js';
import type { Projection } from '../projection.js';
import { queryText } from '../text-query.js';
import { noUpcasters, type Upcasters } from '../upcast.js';
import { compareRows } from './compare-rows.js';
import { fence, lastPosition, withSnapshot, withWritersHeld } from './fence.js';
import { LeftOut } from './left-out.js';
import type { Comparison, RebuildProgress, Rebuilt, Run } from './rebuild-types.js';
import { replay } from './replay.js';
import { Shadow } from './shadow.js';

export interface RebuildOptions {
  /** the service role's */
  readonly url: string;
  readonly schema: string;
  readonly projection: Projection<unknown>;
  /** default: every event reads as the version that it is */
  readonly upcasters?: Upcasters;
  /** so many rows are swapped in one transaction; default 50,000 */
  readonly swapRowsMax?: number;
  /** compares and leaves everything as it is */
  readonly dryRun: boolean;
  /** ends it before the swap */
  readonly signal: AbortSignal;
  report(progress: RebuildProgress): void;
}

/** So many events may be left for the time that writers wait; more are replayed before. */
const EVENTS_IN_SWAP_MAX = 500;
const CATCH_UPS_MAX = 20;
/** Some 2 s of writing on a small machine. */
const SWAP_ROWS_MAX = 50_000;

/**
 * Builds the rows of a projection anew from all events beside the live ones, compares the two as of one position, and swaps in what
 * differs in one short transaction (of more than 50,000 rows in several, each row whole), caught up to what was written meanwhile. Writers go on all the time but for that transaction.
 * Whatever ends it before, the live rows are as they were; what is left beside them is dropped then, or by the next rebuild.
 * Throws `REBUILD_RUNNING`, `REBUILD_CANCELLED`, `REBUILD_OUTRUN` when writers are faster than the replay, and what the fold throws.
 */
export async function rebuildProjection(options: RebuildOptions): Promise<Rebuilt> {
  const { url, schema, projection } = options;
  const connections = connect({ url, schema, poolSize: 4, applicationName: `towpath-${schema}-rebuild` });
  try {
    return await alone(connections, `${schema}/${projection.name}`, (assertAlone) =>
      new Rebuild(connections, options, assertAlone).run(),
    );
  } finally {
    await connections.close();
  }
}

/** Runs while no other session rebuilds the same: the lock is the session's and goes with it, however it ends. */
function alone<T>(
  connections: Connections,
  name: string,
  work: (assertAlone: () => Promise<void>) => Promise<T>,
): Promise<T> {
  return connections.using(async (client) => {
    const lock = { name: 'rebuild_lock', text: 'select pg_try_advisory_lock(hashtextextended($1, 7231))' };
    const [row] = await queryText(client, lock, [name]);
    if (row?.[0] !== 't') {
      throw new StoreError(
        'REBUILD_RUNNING',
        `another session rebuilds ${name}; wait for it, or end it with Ctrl-C there`,
      );
    }
    // A session that was cut has lost the lock, and says so.
    return work(async () => void (await queryText(client, { name: 'ping', text: 'select 1' }, [])));
  });
}

class Rebuild {
  private readonly shadow: Shadow;
  private readonly pool: Run;
  private position = '0';
  private events = 0;
  private readonly leftOut = new LeftOut();
  private isSwapping = false;

  constructor(
    private readonly connections: Connections,
    private readonly options: RebuildOptions,
    private readonly assertAlone: () => Promise<void>,
  ) {
    this.shadow = new Shadow(options.schema, options.projection.name);
    this.pool = (statement, values) => connections.run(statement, values);
  }

  async run(): Promise<Rebuilt> {
    try {
      await this.shadow.clear(this.pool);
      await this.catchUp();
      const comparison = await this.compare();
      const swap = comparison.different === 0 || this.options.dryRun ? { swapped: null, swapMs: 0 } : await this.swap();
      return { ...comparison, events: this.events, leftOut: this.leftOut.count, ...swap };
    } finally {
      // A connection that is cut leaves it to the next rebuild.
      await this.shadow.clear(this.pool).catch(() => undefined);
    }
  }

  /** Replays until hardly anything is left to replay. */
  private async catchUp(changed = false): Promise<void> {
    const { connections, options } = this;
    for (let round = 0; round < CATCH_UPS_MAX; round += 1) {
      const target = await fence(connections, options.schema);
      if ((await this.replayTo(target, changed)) <= EVENTS_IN_SWAP_MAX) return;
    }
    throw new StoreError(
      'REBUILD_OUTRUN',
      `after ${CATCH_UPS_MAX} rounds more than ${EVENTS_IN_SWAP_MAX} events are still to be replayed; try again when less is written`,
    );
  }

  private async replayTo(target: string, changed: boolean, run = this.pool): Promise<number> {
    const { schema, projection, upcasters = noUpcasters } = this.options;
    const events = await replay(run, {
      ...{ schema, projection, upcasters, shadow: this.shadow, after: this.position, to: target, changed },
      onEvent: (event, isUsed) => this.leftOut.event(event, isUsed),
      onPage: (count, position) => {
        this.events += count;
        this.position = position;
        this.options.report({ phase: 'replay', events: this.events, position, target });
        this.assertWanted();
      },
    });
    this.position = target;
    return events;
  }

  private compare(): Promise<Comparison> {
    const { schema, projection } = this.options;
    return withSnapshot(this.connections, schema, async (live, position) => {
      await this.replayTo(position, false);
      const found = await compareRows(live, this.pool, {
        ...{ schema, name: projection.name, shadow: this.shadow },
        onPage: (rows) => {
          this.options.report({ phase: 'compare', rows });
          this.assertWanted();
        },
      });
      return { position, ...found };
    });
  }

  /** One transaction, or several when more rows differ than one can write without holding the writers back for long. */
  private async swap(): Promise<{ swapped: number; swapMs: number }> {
    const { schema, swapRowsMax = SWAP_ROWS_MAX } = this.options;
    let [swapped, swapMs, isDone] = [0, 0, false];
    while (!isDone) {
      // What was written while rows were compared may differ, as those rows did. Later writes differ only where a part is still to come.
      const changed = !this.isSwapping;
      await this.catchUp(changed);
      this.assertWanted();
      await this.assertAlone();
      const startedAt = performance.now();
      const part = await withWritersHeld(this.connections, schema, async (run) => {
        await this.replayTo(await lastPosition(run, schema), changed, run);
        return this.shadow.swap(run, swapRowsMax);
      });
      swapMs = Math.max(swapMs, Math.round(performance.now() - startedAt));
      this.isSwapping = true;
      swapped += part.swapped;
      ({ isDone } = part);
    }
    return { swapped, swapMs };
  }

  /** What is half swapped is finished. */
  private assertWanted(): void {
    if (this.isSwapping || !this.options.signal.aborted) return;
    throw new StoreError('REBUILD_CANCELLED', 'the live rows are as they were, and nothing is left beside them');
  }
}
