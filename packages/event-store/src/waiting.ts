import type { HeldMessage, Lane } from './held-types.js';
import type { Inspector } from './inspect.js';

/** A message that waits, as people may see it. */
export interface WaitingMessage {
  readonly service: string;
  /** the service, or `<service>.<reaction>` */
  readonly consumer: string;
  readonly lane: Lane;
  /**
   * `due`: it may run now; `retrying`: at `nextAt`; `running`: a worker has it; `behind` an earlier one of its key;
   * `stopped` by a dead letter that somebody has to redrive or discard
   */
  readonly state: 'due' | 'retrying' | 'running' | 'behind' | 'stopped';
  readonly orderKey: string;
  readonly type: string;
  readonly handler: string;
  readonly eventId: HeldMessage['eventId'];
  readonly correlationId: string;
  /** tries that failed, and after how many retries it becomes a dead letter */
  readonly attempts: number;
  readonly retries: number;
  /** by the database's clock; null when nothing but an earlier message or a person lets it go on */
  readonly nextAt: Date | null;
  readonly heldAt: Date;
  readonly firstFailedAt: Date | null;
  readonly lastFailedAt: Date | null;
  readonly lastCode: string | null;
  /** file and line of our code */
  readonly lastPlace: string | null;
  readonly leasedBy: string | null;
  readonly deadLetterId: string | null;
}

/** Messages that wait in all stores or one, the oldest first. */
export async function waitingMessages(
  inspector: Inspector,
  { service, limit }: { service?: string; limit: number },
): Promise<WaitingMessage[]> {
  const schemas = (await inspector.schemas()).filter(
    (schema) => service === undefined || schema === service.replaceAll('-', '_'),
  );
  if (schemas.length === 0) return [];
  const parts = schemas.map(
    (schema) => `(select s.service, h.* from "${schema}".held h join towpath.stores s on s.schema = '${schema}'
      order by h.seq limit $1)`,
  );
  return inspector.query<WaitingMessage>(
    `select service, consumer, lane, ${state} as state, order_key as "orderKey", type, handler, event_id as "eventId",
       correlation_id as "correlationId", attempts, retries, case when head and stopped_by is null then next_at end as "nextAt",
       held_at as "heldAt", first_failed_at as "firstFailedAt", last_failed_at as "lastFailedAt", last_code as "lastCode",
       last_place as "lastPlace", leased_by as "leasedBy", stopped_by as "deadLetterId"
     from (${parts.join(' union all ')}) h order by held_at, service, seq limit $1`,
    [limit],
  );
}

const state = `case when stopped_by is not null then 'stopped' when not head then 'behind'
    when leased_until > clock_timestamp() then 'running' when next_at <= clock_timestamp() then 'due' else 'retrying' end`;
