/** A metric as Prometheus sees it. Names follow its rules: `towpath_` prefix, base units, `_total` on counters. */
export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** what one unit of it is */
  readonly help: string;
  /** each with few values: never an id */
  readonly labels: readonly string[];
  /** upper bounds of a histogram's buckets */
  readonly buckets?: readonly number[];
  /** the programs that have it; `services` = every one with an event store, `all` = every program */
  readonly of: 'ingress' | 'cdc' | 'egress' | 'services' | 'all';
}

const FAST = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2];
const AGES = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30];
const STORY_AGES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 3_600];

/** Every metric of the platform. What is not here can't be made, and what dashboards and alerts ask for stands here. */
export const METRICS = {
  towpath_ready: { kind: 'gauge', of: 'all', labels: [], help: '1 while the program can work, as `/readyz` tells' },

  towpath_deliveries_accepted_total: {
    kind: 'counter',
    of: 'ingress',
    labels: ['source'],
    help: 'deliveries answered 202: Kafka has them with acks=all',
  },
  towpath_deliveries_refused_total: {
    kind: 'counter',
    of: 'ingress',
    labels: ['code'],
    help: 'deliveries that were refused, by code of the refusal',
  },
  towpath_ingress_pending_records: {
    kind: 'gauge',
    of: 'ingress',
    labels: [],
    help: 'records that wait for the acknowledgement of Kafka',
  },

  towpath_messages_processed_total: {
    kind: 'counter',
    of: 'services',
    labels: ['handler', 'outcome'],
    help: 'messages by what became of them: decided, repeat, held, retry or dead-letter',
  },
  towpath_retries_total: {
    kind: 'counter',
    of: 'services',
    labels: ['handler', 'reason'],
    help: 'failed messages to be tried again, by code of the failure',
  },
  towpath_dead_letters_total: {
    kind: 'counter',
    of: 'services',
    labels: ['handler', 'reason'],
    help: 'messages given up, by code of the failure',
  },
  towpath_alerts_raised_total: {
    kind: 'counter',
    of: 'services',
    labels: ['name'],
    help: 'times people were asked to look',
  },
  towpath_group_messages: {
    kind: 'histogram',
    of: 'services',
    labels: [],
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 512],
    help: 'messages in one commit',
  },
  towpath_group_duration_seconds: {
    kind: 'histogram',
    of: 'services',
    labels: [],
    buckets: FAST,
    help: 'from taking a group of messages to its commit',
  },
  towpath_message_age_seconds: {
    kind: 'histogram',
    of: 'services',
    labels: ['type'],
    buckets: AGES,
    help: 'from a message happening at its producer to its decision being committed, by its contract',
  },
  towpath_story_age_seconds: {
    kind: 'histogram',
    of: 'services',
    labels: ['type'],
    buckets: STORY_AGES,
    help: 'from the webhook that began the story to what came of it being committed, by the contract of that',
  },
  towpath_records_skipped_total: {
    kind: 'counter',
    of: 'services',
    labels: ['topic'],
    help: 'times that records were gone from a topic before they were read',
  },
  towpath_inbox_depth: {
    kind: 'gauge',
    of: 'services',
    labels: [],
    help: 'messages taken from Kafka that wait for their decision in memory',
  },
  towpath_held_messages: {
    kind: 'gauge',
    of: 'services',
    labels: ['lane'],
    help: 'messages that wait for another try, behind an earlier one of their key, or for a worker',
  },
  towpath_held_oldest_seconds: {
    kind: 'gauge',
    of: 'services',
    labels: ['lane'],
    help: 'for how long the oldest of them waits',
  },
  towpath_queued_running: {
    kind: 'gauge',
    of: 'services',
    labels: ['handler'],
    help: 'works of queued handlers that run in this replica now',
  },
  towpath_timers_overdue_seconds: {
    kind: 'gauge',
    of: 'services',
    labels: [],
    help: 'for how long the oldest timer that did not fire has been due',
  },

  towpath_projection_rows_different: {
    kind: 'gauge',
    of: 'services',
    labels: ['projection'],
    help: 'rows that differ from a replay of their events, as of the last comparison',
  },

  kafka_consumergroup_lag: {
    kind: 'gauge',
    of: 'cdc',
    labels: ['consumergroup', 'topic', 'partition'],
    help: 'records that the group has not handled',
  },
  kafka_consumergroup_current_offset: {
    kind: 'gauge',
    of: 'cdc',
    labels: ['consumergroup', 'topic', 'partition'],
    help: 'offset of the next record to handle; -1 = nothing committed yet',
  },
  towpath_consumer_lag_seconds: {
    kind: 'gauge',
    of: 'cdc',
    labels: ['consumergroup', 'topic'],
    help: 'age of the oldest record that the group has not handled; 0 when there is none',
  },

  towpath_relay_streaming: { kind: 'gauge', of: 'cdc', labels: [], help: '1 while rows flow; 0 on a standby' },
  towpath_relay_lag_bytes: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'write-ahead log that is not confirmed yet',
  },
  towpath_relay_lag_seconds: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'age of the last heartbeat before which all is published; absent on a standby',
  },
  towpath_relay_slot_retained_bytes: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'write-ahead log that Postgres keeps for the slot',
  },
  towpath_relay_slot_safe_bytes: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'write-ahead log that may still be written before Postgres gives the slot up; 0 without a limit',
  },
  towpath_relay_slot_used_ratio: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'share used of max_slot_wal_keep_size',
  },
  towpath_relay_oldest_transaction_seconds: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'since when the same transaction is the oldest open one',
  },
  towpath_relay_buffered_bytes: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'rows read and not acknowledged',
  },
  towpath_relay_parked_streams: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'streams that wait in cdc.parked',
  },
  towpath_relay_catching_up: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: '1 while rows are read from the tables, because a slot was lost',
  },
  towpath_relay_store_behind_events: {
    kind: 'gauge',
    of: 'cdc',
    labels: [],
    help: 'events that topics hold and the stores do not: above 0 nothing is published',
  },
  towpath_relay_rows_published_total: {
    kind: 'counter',
    of: 'cdc',
    labels: [],
    help: 'rows acknowledged by Kafka',
  },
  towpath_relay_rows_parked_total: {
    kind: 'counter',
    of: 'cdc',
    labels: ['code'],
    help: 'rows put into cdc.parked, by what is wrong with them',
  },
  towpath_relay_rows_caught_up_total: {
    kind: 'counter',
    of: 'cdc',
    labels: [],
    help: 'rows read from the tables after a slot was lost',
  },
  towpath_relay_reconnects_total: {
    kind: 'counter',
    of: 'cdc',
    labels: [],
    help: 'replication connections that ended',
  },
  towpath_history_changes_total: {
    kind: 'counter',
    of: 'cdc',
    labels: [],
    help: 'stored events that somebody changed past their append-only trigger',
  },
  towpath_relay_checkpoints_signed_total: {
    kind: 'counter',
    of: 'cdc',
    labels: [],
    help: 'checkpoints on audit.checkpoints',
  },
  towpath_relay_events_covered_total: {
    kind: 'counter',
    of: 'cdc',
    labels: [],
    help: 'events that checkpoints cover',
  },

  towpath_archived_events_total: {
    kind: 'counter',
    of: 'cdc',
    labels: ['service'],
    help: 'events whose content left the store',
  },
  towpath_archived_bytes_total: {
    kind: 'counter',
    of: 'cdc',
    labels: ['service'],
    help: 'written to the archive, compressed',
  },
  towpath_archive_oldest_due_seconds: {
    kind: 'gauge',
    of: 'cdc',
    labels: ['service'],
    help: 'how long the oldest event that may leave the store has been due',
  },
  towpath_archive_content_changed_total: {
    kind: 'counter',
    of: 'cdc',
    labels: ['service'],
    help: 'times an event stayed because its content is not what was appended',
  },
  towpath_retention_failures_total: {
    kind: 'counter',
    of: 'cdc',
    labels: [],
    help: 'runs of the archiving and upkeep of stores that failed',
  },
  towpath_partitions_dropped_total: {
    kind: 'counter',
    of: 'cdc',
    labels: ['service'],
    help: 'days of the inbox past their keeping time',
  },
  towpath_partitions_missing: {
    kind: 'gauge',
    of: 'cdc',
    labels: ['service'],
    help: 'days from today on for which the inbox has no partition',
  },

  towpath_model_exchanges_total: {
    kind: 'counter',
    of: 'services',
    labels: ['agent', 'outcome'],
    help: 'questions to a model, by how they ended: answered, cached, or the code of the failure',
  },
  towpath_model_exchange_duration_seconds: {
    kind: 'histogram',
    of: 'services',
    labels: ['agent'],
    buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60],
    help: 'from the question to the answer, tries and waits included',
  },
  towpath_model_tokens_total: {
    kind: 'counter',
    of: 'services',
    labels: ['agent', 'direction'],
    help: 'tokens as the provider counts them: input or output',
  },
  towpath_model_cost_dollars_total: {
    kind: 'counter',
    of: 'services',
    labels: ['agent'],
    help: 'what models cost by the price file; where only the provider could tell, at most',
  },
  towpath_model_settlements_failed_total: {
    kind: 'counter',
    of: 'services',
    labels: ['agent'],
    help: 'calls whose cost could not be written down; they count at their worst case',
  },

  towpath_effects_total: {
    kind: 'counter',
    of: 'egress',
    labels: ['action', 'outcome'],
    help: 'effects that ended: confirmed, failed or unknown',
  },
  towpath_effect_call_duration_seconds: {
    kind: 'histogram',
    of: 'egress',
    labels: ['action', 'result'],
    buckets: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
    help: 'mutating calls to a provider, by what they came to',
  },
  towpath_effects_queued: {
    kind: 'gauge',
    of: 'egress',
    labels: [],
    help: "effects in this process's hands that did not end yet",
  },
  towpath_effects_oldest_seconds: {
    kind: 'gauge',
    of: 'egress',
    labels: [],
    help: 'since when the oldest of them was asked for',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof METRICS;
export type NameOf<Kind extends MetricDefinition['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
type LabelOf<Name extends MetricName> = (typeof METRICS)[Name]['labels'][number];
/** A value for each label of the metric. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<LabelOf<Name>, string>>;
/** The labels as an argument that metrics without any do not take. */
export type LabelArguments<Name extends MetricName> = [LabelOf<Name>] extends [never] ? [] : [labels: LabelsOf<Name>];
