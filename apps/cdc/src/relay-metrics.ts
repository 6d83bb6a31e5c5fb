import type { Metrics } from '@towpath/service-kit/metrics';

type Meter = Metrics['meter'];

/** What the relay tells about itself; read when the metrics are read. */
export interface RelayState {
  readonly lagBytes: number;
  readonly bufferedBytes: number;
  readonly parkedStreams: number;
  readonly streaming: boolean;
  readonly catchingUp: boolean;
  /** log that may still be written before Postgres gives the slot up; 0 without a limit or a session */
  readonly slotSafeBytes: number;
  /** of that limit, what is used: 0 to 1 */
  readonly slotUsedShare: number;
  /** the oldest open transaction has been the same for so long */
  readonly oldestTransactionMs: number;
}

/** Counts of the relay. */
export class RelayMetrics {
  private readonly published;
  private readonly parked;
  private readonly reconnects;
  private readonly caughtUp;

  constructor(meter: Meter, state: () => RelayState) {
    this.published = meter.createCounter('towpath_relay_rows_published', { description: 'rows acknowledged by Kafka' });
    this.parked = meter.createCounter('towpath_relay_rows_parked', { description: 'rows put into cdc.parked' });
    this.reconnects = meter.createCounter('towpath_relay_reconnects', {
      description: 'replication connections that ended',
    });
    this.caughtUp = meter.createCounter('towpath_relay_rows_caught_up', {
      description: 'rows read from the tables after a slot was lost',
    });
    gauge(meter, 'towpath_relay_catching_up', '1 while rows are read from the tables', () =>
      state().catchingUp ? 1 : 0,
    );
    gauge(
      meter,
      'towpath_relay_slot_safe_bytes',
      'log that may be written before the slot is given up',
      () => state().slotSafeBytes,
    );
    gauge(meter, 'towpath_relay_slot_used_ratio', 'share used of max_slot_wal_keep_size', () => state().slotUsedShare);
    gauge(
      meter,
      'towpath_relay_oldest_transaction_seconds',
      'since when the same transaction is the oldest open one',
      () => state().oldestTransactionMs / 1_000,
    );
    gauge(meter, 'towpath_relay_lag_bytes', 'write-ahead log not confirmed yet', () => state().lagBytes);
    gauge(meter, 'towpath_relay_buffered_bytes', 'rows read and not acknowledged', () => state().bufferedBytes);
    gauge(meter, 'towpath_relay_parked_streams', 'streams that wait in cdc.parked', () => state().parkedStreams);
    gauge(meter, 'towpath_relay_streaming', '1 while rows flow', () => (state().streaming ? 1 : 0));
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

  reconnected(): void {
    this.reconnects.add(1);
  }
}

function gauge(meter: Meter, name: string, description: string, value: () => number): void {
  meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(value()));
}
