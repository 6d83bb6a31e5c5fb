import { Member } from './member.js';
import type { InboundRecord, Logger } from './record.js';
import { Supervisor, type SupervisorState } from './supervisor.js';

export interface SubscribeOptions {
  brokers: string[];
  /** one group per service and set of topics: a rolling deploy that adds a topic needs a new group (K10) */
  groupId: string;
  clientId: string;
  topics: string[];
  /** those of them whose records are handed over before all others that wait; each group takes some of the others, too */
  first?: ReadonlySet<string>;
  /**
   * Asks and tells it lives every 2 s instead of twice a second and each second: idle it costs a third. Records come at once all the
   * same; joining, leaving and taking over from a dead member take up to 2 s longer.
   */
  patient?: boolean;
  /** by the `ce_type` header (empty when absent), undecoded; must be pure: answers are remembered */
  accepts(type: string): boolean;
  /**
   * Everything that arrived since the last call, over all partitions; each partition's records in offset order. Never
   * called again before it settled, except beyond 60 s. Resolves when the records are durably handled, so it never rejects
   * for a poison record: a rejection is an infrastructure failure, nothing counts as handled and the consumer is rebuilt.
   * Records may come again; it must be idempotent.
   */
  onRecords(records: InboundRecord[]): Promise<void>;
  /** records of this topic were gone before they were read; told with each alarm of the log, so at least once */
  onSkipped?(topic: string): void;
  /** the consumer is given up: the process should exit with 1 */
  onFatal(error: Error): void;
  logger: Logger;
}

export interface Subscription {
  /** Finishes the group at hand, commits, leaves the group; resolves within 10 s (K22). */
  stop(): Promise<void>;
  health(): {
    state: SupervisorState;
    /** partitions this member owns */
    assigned: number;
    /** when records were last handled (or the subscription made), in milliseconds since the epoch */
    lastProgressAt: number;
    /** age of the oldest record fetched and not yet handled */
    lagSeconds?: number;
  };
}

/**
 * Reads topics as a member of a consumer group, for ever, at least once. Resolves when the first join was made or failed;
 * failures, also to reach a broker, are retried in the background: `health()` tells.
 */
export async function subscribe(options: SubscribeOptions): Promise<Subscription> {
  const seat = {};
  const supervisor = new Supervisor({
    create: (onFailure) => new Member({ ...options, seat, onFailure }),
    onFatal: (error) => options.onFatal(error),
    logger: options.logger,
  });
  await supervisor.start();
  return {
    stop: () => supervisor.stop(),
    health: () => {
      const member = supervisor.member();
      return {
        state: supervisor.state(),
        assigned: member?.assigned() ?? 0,
        lastProgressAt: supervisor.progressAt(),
        lagSeconds: member?.lagSeconds() ?? 0,
      };
    },
  };
}
