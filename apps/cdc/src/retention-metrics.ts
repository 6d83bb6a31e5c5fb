import type { StoreRetention } from '@towpath/event-store/archive/retention-run';
import type { Metrics } from '@towpath/service-kit/metrics';

interface Seen {
  /** since when the oldest event that may go could have gone */
  readonly dueSince: Date | undefined;
  readonly partitionsMissing: number;
}

/** What keeping the stores tells. The age of what is due grows also while no run succeeds. */
export class RetentionMetrics {
  private readonly stores = new Map<string, Seen>();
  private readonly archived;
  private readonly bytes;
  private readonly dropped;
  private readonly unsound;
  private readonly failures;

  constructor(metrics: Metrics) {
    this.archived = metrics.counter('towpath_archived_events_total');
    this.bytes = metrics.counter('towpath_archived_bytes_total');
    this.dropped = metrics.counter('towpath_partitions_dropped_total');
    this.unsound = metrics.counter('towpath_archive_content_changed_total');
    this.failures = metrics.counter('towpath_retention_failures_total');
    metrics.gauges(['towpath_archive_oldest_due_seconds', 'towpath_partitions_missing'], (observe) => {
      for (const [service, { dueSince, partitionsMissing }] of this.stores) {
        const dueSeconds = dueSince === undefined ? 0 : (Date.now() - dueSince.getTime()) / 1_000;
        observe('towpath_archive_oldest_due_seconds', dueSeconds, { service });
        observe('towpath_partitions_missing', partitionsMissing, { service });
      }
    });
  }

  kept({ service, archived, bytes, partitionsDropped, unsound }: StoreRetention): void {
    this.archived.add(archived, { service });
    this.bytes.add(bytes, { service });
    this.dropped.add(partitionsDropped, { service });
    this.unsound.add(unsound.length, { service });
  }

  failed(): void {
    this.failures.add(1);
  }

  seen(service: string, dueSince: Date | undefined, partitionsMissing: number): void {
    this.stores.set(service, { dueSince, partitionsMissing });
  }
}
