import type { Metrics } from '@towpath/service-kit/metrics';

/** What the relay tells about itself; read when the metrics are read. */
export interface RelayState {
  readonly lagBytes: number;
  /** age of the last heartbeat before which all is published; undefined on a standby */
  readonly lagSeconds: number | undefined;
  readonly bufferedBytes: number;
  readonly parkedStreams: number;
  readonly streaming: boolean;
  readonly catchingUp: boolean;
  /** events that topics hold and the stores do not; above 0 nothing is published */
  readonly storeBehindEvents: number;
  /** log that Postgres keeps for the slot; 0 without a session */
  readonly slotRetainedBytes: number;
  /** log that may still be written before Postgres gives the slot up; 0 without a limit or a session */
  readonly slotSafeBytes: number;
  /** of that limit, what is used: 0 to 1 */
  readonly slotUsedShare: number;
  /** the oldest open transaction has been the same for so long */
  readonly oldestTransactionMs: number;
}

/** What the relay measures. */
export class RelayMetrics {
  private readonly published;
  private readonly parked;
  private readonly reconnects;
  private readonly caughtUp;
  private readonly changed;
  private readonly checkpoints;
  private readonly covered;

  constructor(metrics: Metrics, state: () => RelayState) {
    this.published = metrics.counter('towpath_relay_rows_published_total');
    this.parked = metrics.counter('towpath_relay_rows_parked_total');
    this.reconnects = metrics.counter('towpath_relay_reconnects_total');
    this.caughtUp = metrics.counter('towpath_relay_rows_caught_up_total');
    this.changed = metrics.counter('towpath_history_changes_total');
    this.checkpoints = metrics.counter('towpath_relay_checkpoints_signed_total');
    this.covered = metrics.counter('towpath_relay_events_covered_total');
    metrics.gauge('towpath_relay_streaming', () => (state().streaming ? 1 : 0));
    metrics.gauge('towpath_relay_catching_up', () => (state().catchingUp ? 1 : 0));
    metrics.gauge('towpath_relay_lag_bytes', () => state().lagBytes);
    metrics.gauge('towpath_relay_lag_seconds', () => state().lagSeconds);
    metrics.gauge('towpath_relay_buffered_bytes', () => state().bufferedBytes);
    metrics.gauge('towpath_relay_parked_streams', () => state().parkedStreams);
    metrics.gauge('towpath_relay_store_behind_events', () => state().storeBehindEvents);
    metrics.gauge('towpath_relay_slot_retained_bytes', () => state().slotRetainedBytes);
    metrics.gauge('towpath_relay_slot_safe_bytes', () => state().slotSafeBytes);
    metrics.gauge('towpath_relay_slot_used_ratio', () => state().slotUsedShare);
    metrics.gauge('towpath_relay_oldest_transaction_seconds', () => state().oldestTransactionMs / 1_000);
  }

  rowsPublished(rows: number): void {
    this.published.add(rows);
  }

  rowParked(code: string): void {
    this.parked.add(1, { code });
  }

  rowsCaughtUp(rows: number): void {
    this.caughtUp.add(rows);
  }

  checkpointSigned(leaves: number): void {
    this.checkpoints.add(1);
    this.covered.add(leaves);
  }

  reconnected(): void {
    this.reconnects.add(1);
  }

  /** A stored event was changed. */
  historyChanged(): void {
    this.changed.add(1);
  }
}
