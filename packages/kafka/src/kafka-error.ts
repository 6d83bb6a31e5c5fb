/** What went wrong between this process and Kafka or the registry; the callers branch on `code`. */
export type KafkaErrorCode =
  | 'BACKPRESSURE'
  | 'BROKER_UNAVAILABLE'
  | 'CLOSED'
  | 'HANDLER_FAILED'
  | 'HANDLER_STALLED'
  | 'CONSUMER_CRASHED'
  | 'CONSUMER_STALLED'
  | 'REBUILD_BUDGET_SPENT'
  | 'LAG_STALLED'
  | 'RECORD_TOO_LARGE'
  | 'REGISTRY_UNAVAILABLE'
  | 'SCHEMA_INCOMPATIBLE'
  | 'SCHEMA_UNKNOWN'
  | 'SEND_NOT_ATTEMPTED'
  | 'SEND_OUTCOME_UNKNOWN'
  | 'SEND_REFUSED'
  | 'TOPIC_MISSING'
  | 'GROUP_ACTIVE'
  | 'GROUP_MISSING'
  | 'PARTITION_MISSING'
  | 'UNDECODABLE';

/** An error with a stable code, a message that names the cause and the fix, and the cause itself. */
export class KafkaError extends Error {
  constructor(
    readonly code: KafkaErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(`${code}: ${message}`, options);
    this.name = 'KafkaError';
  }
}

/** The message of anything thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
