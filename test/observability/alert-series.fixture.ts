/** Series by their name and labels, in promtool's notation: `a+bxn` is a, a+b, … n times more; one value each 15 s. */
export type Series = Readonly<Record<string, string>>;

/** What makes an alert fire: series in the place of the quiet ones, and the labels that it then has. */
export interface Firing {
  readonly series: Series;
  readonly labels: Readonly<Record<string, string>>;
}

const CDC = 'job="cdc",instance="cdc:8080"';
const FRAUD = 'job="fraud",instance="fraud:8080"';
const TRIAGE_LAG = `towpath_consumer_lag_seconds{consumergroup="triage",topic="webhooks.received",${CDC}}`;
const PLACE = `consumergroup="fraud",topic="payments.events",partition="0",${CDC}`;
const OFFSET = `kafka_consumergroup_current_offset{${PLACE}}`;
const LAG = `kafka_consumergroup_lag{${PLACE}}`;
const UNKNOWN = 'towpath_effects_total{action="CapturePayment",outcome="unknown",job="egress",instance="sandbox:8081"}';
const OVERLOADED = 'towpath_deliveries_refused_total{code="OVERLOADED",job="ingress",instance="ingress:8080"}';
const DEAD = `towpath_dead_letters_total{handler="ScorePayment",reason="TIMEOUT",${FRAUD}}`;
const LATE_DEAD = `towpath_dead_letters_total{handler="ScorePayment",reason="UNDECODABLE",${FRAUD}}`;
const SKIPPED = `towpath_records_skipped_total{topic="payments.events",${FRAUD}}`;
const READY = `towpath_ready{${FRAUD}}`;

/** A platform at work with nothing wrong. */
export const QUIET: Series = {
  ...Object.fromEntries(
    ['ingress', 'triage', 'fraud', 'egress', 'cdc'].map((job) => [`up{job="${job}",instance="${job}"}`, '1x480']),
  ),
  [READY]: '1x480',
  [TRIAGE_LAG]: '2x480',
  [LAG]: '3x480',
  [OFFSET]: '100+50x480',
  [SKIPPED]: '0x480',
  [UNKNOWN]: '0x480',
  [OVERLOADED]: '7x480',
  [DEAD]: '3x480',
  [`towpath_timers_overdue_seconds{${FRAUD}}`]: '0x480',
  [`towpath_effects_oldest_seconds{job="egress",instance="sandbox:8081"}`]: '1x480',
  [`towpath_projection_rows_different{projection="cards",${FRAUD}}`]: '0x480',
  [`towpath_held_oldest_seconds{lane="inline",${FRAUD}}`]: '4x480',
  [`towpath_relay_parked_streams{${CDC}}`]: '0x480',
  [`towpath_relay_lag_seconds{${CDC}}`]: '1x480',
  [`towpath_relay_streaming{${CDC}}`]: '1x480',
  [`towpath_relay_streaming{job="cdc",instance="standby:8080"}`]: '0x480',
  [`towpath_relay_slot_used_ratio{${CDC}}`]: '0.02x480',
  [`towpath_relay_store_behind_events{${CDC}}`]: '0x480',
  [`towpath_history_changes_total{${CDC}}`]: '0x480',
  [`towpath_archive_content_changed_total{service="fraud",${CDC}}`]: '0x480',
  [`towpath_retention_failures_total{${CDC}}`]: '0x480',
  [`towpath_archive_oldest_due_seconds{service="fraud",${CDC}}`]: '30x480',
  [`towpath_partitions_missing{service="fraud",${CDC}}`]: '0x480',
};

/** By alert. */
export const FIRING: Readonly<Record<string, Firing>> = {
  DeliveriesWithoutOutcome: {
    series: { [TRIAGE_LAG]: '2x400 90x80' },
    labels: { consumergroup: 'triage', topic: 'webhooks.received' },
  },
  RecordsSkipped: { series: { [SKIPPED]: '0x400 1x80' }, labels: { job: 'fraud', topic: 'payments.events' } },
  EffectOutcomeUnknown: { series: { [UNKNOWN]: '0x460 1x20' }, labels: { action: 'CapturePayment' } },
  StreamParked: { series: { [`towpath_relay_parked_streams{${CDC}}`]: '0x400 1x80' }, labels: {} },
  HistoryChanged: { series: { [`towpath_history_changes_total{${CDC}}`]: '0x470 1x10' }, labels: {} },
  WorkDoesNotEnd: {
    series: { [`towpath_timers_overdue_seconds{${FRAUD}}`]: '0x400 75+15x80' },
    labels: { job: 'fraud' },
  },
  ProjectionDiverged: {
    series: { [`towpath_projection_rows_different{projection="cards",${FRAUD}}`]: '0x400 2x80' },
    labels: { job: 'fraud', projection: 'cards' },
  },
  SendersHeldBack: { series: { [OVERLOADED]: '7x440 8+1x40' }, labels: { code: 'OVERLOADED' } },
  NoProgress: {
    series: { [LAG]: '0x440 5x40', [OFFSET]: '100+50x440 22100x40' },
    labels: { consumergroup: 'fraud', topic: 'payments.events' },
  },
  RelayLag: { series: { [`towpath_relay_lag_seconds{${CDC}}`]: '1x440 31+15x40' }, labels: {} },
  RelayNotStreaming: { series: { [`towpath_relay_streaming{${CDC}}`]: '1x440 0x40' }, labels: {} },
  WriteAheadLogFilling: { series: { [`towpath_relay_slot_used_ratio{${CDC}}`]: '0.02x400 0.6x80' }, labels: {} },
  StoreBehindTopics: { series: { [`towpath_relay_store_behind_events{${CDC}}`]: '0x470 9x10' }, labels: {} },
  DeadLetterGroup: {
    series: { [DEAD]: '3x400 9x80' },
    labels: { job: 'fraud', handler: 'ScorePayment', reason: 'TIMEOUT' },
  },
  MessagesHeld: {
    series: { [`towpath_held_oldest_seconds{lane="inline",${FRAUD}}`]: '4x400 310+15x80' },
    labels: { job: 'fraud', lane: 'inline' },
  },
  ServiceDown: {
    series: { 'up{job="egress",instance="egress"}': '1x440 0x40' },
    labels: { job: 'egress', instance: 'egress' },
  },
  ServiceNotReady: { series: { [READY]: '1x440 0x40' }, labels: { job: 'fraud', instance: 'fraud:8080' } },
  RetentionFails: {
    series: { [`towpath_archive_oldest_due_seconds{service="fraud",${CDC}}`]: '30x400 7300+15x80' },
    labels: { service: 'fraud' },
  },
};

/** The same alerts for their other reasons. */
export const ALSO_FIRING: readonly (Firing & { readonly alert: string; readonly why: string })[] = [
  {
    alert: 'DeadLetterGroup',
    why: 'five of a kind that never came before',
    series: { [LATE_DEAD]: '_x470 5x10' },
    labels: { job: 'fraud', handler: 'ScorePayment', reason: 'UNDECODABLE' },
  },
  {
    alert: 'RecordsSkipped',
    why: 'a service that finds it at its first start here',
    series: { [SKIPPED]: '_x440 1x40' },
    labels: { job: 'fraud', topic: 'payments.events' },
  },
  {
    alert: 'HistoryChanged',
    why: 'an event that is not what was appended when it is archived',
    series: { [`towpath_archive_content_changed_total{service="fraud",${CDC}}`]: '0x470 1x10' },
    labels: {},
  },
  {
    alert: 'WorkDoesNotEnd',
    why: 'an effect that does not end',
    series: { [`towpath_effects_oldest_seconds{job="egress",instance="sandbox:8081"}`]: '1x400 901+15x80' },
    labels: { job: 'egress' },
  },
];

/** What looks like trouble and is none. */
export const NEAR_MISSES: Readonly<Record<string, Series>> = {
  'a large lag that is worked off': { [LAG]: '100000-100x480', [OFFSET]: '0+100x480' },
  'an idle service whose offset stands still': { [LAG]: '0x480', [OFFSET]: '7x480' },
  'four dead letters of a kind': { [LATE_DEAD]: '_x470 4x10' },
  'an unknown outcome of yesterday': { [UNKNOWN]: '1x480' },
  'a program that restarts within half a minute': { 'up{job="egress",instance="egress"}': '1x475 0x1 1x10' },
  'counters that begin anew after a restart': { [UNKNOWN]: '4x240 0x240', [DEAD]: '9x240 0x240' },
};
