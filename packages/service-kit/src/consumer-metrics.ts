import type { EventStore } from '@towpath/event-store/types';
import type { ConsumerGroup } from './consumer-group.js';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';

interface Measured {
  readonly metrics: Metrics;
  readonly store: EventStore;
  readonly logger: Logger;
}

/** What a service tells of the consumer groups that run here, and of what waits in its store for any. */
export function measureConsumers(
  groups: readonly ConsumerGroup[],
  own: ConsumerGroup,
  { metrics, store, logger }: Measured,
): void {
  const queues = new Set([own, ...groups].map(({ queue }) => queue));
  metrics.gauge('towpath_inbox_depth', () => [...queues].reduce((sum, { depth }) => sum + depth, 0));
  metrics.gauges(['towpath_timers_overdue_seconds'], async (observe) => {
    try {
      observe('towpath_timers_overdue_seconds', await store.timersOverdueSeconds());
    } catch (error) {
      logger.warn({ err: error }, 'timers.unmeasured');
    }
  });
  metrics.gauges(['towpath_queued_running'], (observe) => {
    for (const group of groups)
      for (const [handler, works] of group.runningNow()) observe('towpath_queued_running', works, { handler });
  });
  metrics.gauges(['towpath_held_messages', 'towpath_held_oldest_seconds'], async (observe) => {
    try {
      const depths = new Map((await store.heldDepths()).map((depth) => [depth.lane, depth]));
      for (const lane of ['inline', 'queued'] as const) {
        observe('towpath_held_messages', depths.get(lane)?.messages ?? 0, { lane });
        observe('towpath_held_oldest_seconds', depths.get(lane)?.oldestSeconds ?? 0, { lane });
      }
    } catch (error) {
      logger.warn({ err: error }, 'held.unmeasured');
    }
  });
}
