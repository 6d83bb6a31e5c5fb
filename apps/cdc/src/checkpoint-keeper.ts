import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import { signatureFault, type CheckpointKey } from '@towpath/event-store/checkpoint';
import { loadKeys } from '@towpath/event-store/checkpoint-keys';
import type { OutboundRecord } from '@towpath/kafka/record';
import type { Logger } from '@towpath/service-kit/logger';
import { storesOf } from './catch-up.js';
import { lastOf, loadCheckpoint, stateOf, storeCheckpoint, type LogState } from './checkpoint-log.js';
import { leavesRecord, signedRecord } from './checkpoint-records.js';
import { clusterOf, filled, type Filled } from './checkpoint-rows.js';
import { LeaseHeld, type Lease } from './lease.js';
import type { RelayTopics } from './relay-topics.js';
import { SetupMissing } from './slot.js';
import { writeCheckpoint } from './write-checkpoint.js';

export interface CheckpointOptions {
  readonly key: CheckpointKey;
  /** between two checkpoints while events come */
  readonly intervalMs: number;
}

export interface CheckpointKeeperOptions {
  readonly pool: pg.Pool;
  readonly lease: Lease;
  readonly slot: string;
  readonly publication: string;
  readonly checkpoints: CheckpointOptions;
  readonly topics: Pick<RelayTopics, 'lastCheckpoint'>;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** the lowest transaction that may not be published yet; undefined while none is known */
  safeXid(): string | undefined;
  schemaIds(): ReadonlyMap<string, number>;
  /** resolves when all in-sync replicas hold them */
  send(records: OutboundRecord[]): Promise<void>;
  onSigned(leaves: number): void;
}

/** The last checkpoint of an orderly stop may take so long. */
const lastMsMax = 2_000;

/** Signs a checkpoint every interval in which events came. */
export class CheckpointKeeper {
  private readonly stopping = new AbortController();
  /** undefined: to be read from topic and database before the next one */
  private state: (LogState & { cluster: string }) | undefined;
  private settled: ReadonlyMap<string, string> = new Map();
  private candidate: Filled | undefined;
  private writing: Promise<void> | undefined;

  constructor(private readonly options: CheckpointKeeperOptions) {}

  /** `onLost` is told when the lease is another's. */
  start(onLost: (error: Error) => void): void {
    void this.run(onLost);
  }

  stop(): void {
    this.stopping.abort();
  }

  /** Signs what is new before an orderly stop, when nothing else is in the way. */
  async finish(): Promise<void> {
    this.stop();
    if (!this.state || this.writing) return;
    await Promise.race([this.write(), sleep(lastMsMax, undefined, { ref: false })]).catch(() => undefined);
  }

  private async run(onLost: (error: Error) => void): Promise<void> {
    const { signal } = this.stopping;
    const { intervalMs } = this.options.checkpoints;
    while (!signal.aborted) {
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await (this.writing = this.write());
      } catch (error) {
        // Whether it landed is not known: the topic tells before the next one.
        this.state = undefined;
        if (error instanceof LeaseHeld) return onLost(error);
        if (!signal.aborted)
          this.options.logger.warn({ reason: (error as Error).message }, 'relay.checkpoint_not_signed');
      } finally {
        this.writing = undefined;
      }
    }
  }

  private async write(): Promise<void> {
    const { pool, lease, publication, slot: log, checkpoints, schemaIds } = this.options;
    const before = this.options.safeXid();
    if (before === undefined) return;
    const state = (this.state ??= await this.load());
    if (state.unpublished) await this.publish(state.unpublished, state.anew);
    const schemas = await storesOf(pool, publication);
    const now = await filled(pool, schemas);
    const due = this.candidate !== undefined && BigInt(this.candidate.xmax) <= BigInt(before);
    const settledAfter = due ? this.candidate!.positions : this.settled;
    const signed = await writeCheckpoint({
      ...{ pool, log, key: checkpoints.key, before, schemas, settled: this.settled, settledAfter, now: new Date() },
      ...{ cluster: state.cluster, last: state.last, anew: state.anew },
      publishLeaves: (leaves) => this.options.send([leavesRecord(leaves, schemaIds(), new Date())]),
    });
    if (signed) {
      await storeCheckpoint(pool, lease, signed);
      await this.publish(signed, false);
    }
    this.settled = settledAfter;
    if (due || !this.candidate) this.candidate = now;
  }

  private async publish(signed: CheckpointSigned, anew: boolean): Promise<void> {
    await this.options.send([signedRecord(signed, this.options.schemaIds(), new Date())]);
    const last = lastOf(signed);
    this.state = { ...this.state!, last, anew, unpublished: undefined };
    const { number, leaves, root } = last.statement;
    this.options.onSigned(leaves);
    this.options.logger.info({ checkpoint: number, leaves, root }, 'relay.checkpoint_signed');
  }

  private async load(): Promise<LogState & { cluster: string }> {
    const { pool, slot, topics, logger, checkpoints } = this.options;
    const keys = await loadKeys(pool);
    if (!keys.has(checkpoints.key.id)) {
      throw new SetupMissing(
        'CHECKPOINT_KEY_UNKNOWN',
        'nobody could verify what CHECKPOINT_KEY signs: run `towpath setup`',
      );
    }
    const [topic, row, cluster] = await Promise.all([
      topics.lastCheckpoint(slot, (signed) => signatureFault(signed, keys) === undefined),
      loadCheckpoint(pool, slot),
      clusterOf(pool),
    ]);
    const state = stateOf(topic, row, cluster, logger);
    this.settled = new Map(
      state.anew ? [] : state.last!.statement.stores.map(({ schema, settled }) => [schema, settled]),
    );
    this.candidate = undefined;
    return { ...state, cluster };
  }
}
