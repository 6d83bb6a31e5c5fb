/**
 * Who may import whom, as dependency-cruiser rules. Each has a fixture of the same name in `fixtures/` that breaks it;
 * `boundaries.unit.spec.ts` proves that it fires. Paths are matched from the root of what is cruised.
 */
const KAFKA_CLIENTS = '(^|/)node_modules/(kafkajs|@kafkajs/)';
const HTTP = '^(node:)?(http|https|http2|tls)$|(^|/)node_modules/(undici|axios|got|node-fetch)/';

/** Folds are pure functions over events; the rest of the event store is not. */
const PURE_STORE_FILES = 'event-store/src/(fold|projection|types)\\.ts$';

export const rules = [
  {
    name: 'no-app-to-app',
    comment: 'Services talk through Kafka; what two apps share is a package.',
    from: { path: '^apps/([^/]+)/' },
    to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
  },
  {
    name: 'no-package-to-app',
    comment: 'Dependencies point one way: apps build on packages.',
    from: { path: '^(packages|infra)/' },
    to: { path: '^apps/' },
  },
  {
    name: 'contracts-is-a-leaf',
    comment: 'Everything depends on contracts, so contracts depends on no package.',
    from: { path: '^packages/contracts/' },
    to: { path: '^(packages/(?!contracts/)|apps/|infra/)' },
  },
  {
    name: 'kafka-client-only-in-kafka',
    comment: 'kafkajs and the registry client stay behind packages/kafka, which knows their faults.',
    from: { path: '^(apps|packages|infra)/', pathNot: '^packages/kafka/' },
    to: { path: KAFKA_CLIENTS },
  },
  {
    name: 'pg-only-in-stores',
    comment: 'SQL lives in event-store, in cdc and in projections.',
    from: { path: '^(apps|packages|infra)/', pathNot: '^(packages/event-store/|apps/cdc/|.*\\.projection\\.ts$)' },
    to: { path: '(^|/)node_modules/(pg|@types/pg|pg-logical-replication)/' },
  },
  {
    name: 'only-ingress-and-cdc-produce',
    comment: 'Two programs write to Kafka; all others append to their event store and cdc publishes.',
    from: { path: '^(apps|packages)/', pathNot: '^(apps/(ingress|cdc)/|packages/kafka/|.*\\.spec\\.ts$)' },
    to: { path: '^packages/kafka/src/producer\\.ts$' },
  },
  {
    name: 'deciders-are-pure',
    comment: 'A decider reaches contracts and pure files of its own app; time, ids and look-ups are arguments.',
    from: { path: '\\.decider\\.ts$', pathNot: '^packages/sagas/' },
    to: {
      reachable: true,
      path: `^packages/(?!contracts/|${PURE_STORE_FILES})|\\.handler\\.ts$|^(node:)?(fs|crypto|child_process|timers|os)`,
    },
  },
  {
    name: 'sagas-are-pure',
    comment:
      'What a saga does follows from its definition and its events: no clock, no store, no network. Only ids are hashed.',
    from: { path: '^packages/sagas/src/', pathNot: '\\.spec\\.ts$|/saga-id\\.ts$' },
    to: {
      path: `^packages/(?!contracts/|sagas/|${PURE_STORE_FILES})|^(node:)?(fs|crypto|child_process|timers|os)`,
    },
  },
  {
    name: 'outbound-http-only-in-outbound',
    comment: 'One client with breaker, time-out, allow-list and pinned DNS reaches the world.',
    from: { path: '^(apps|packages)/', pathNot: '^(packages/(outbound|cli|testing)/|apps/sandbox/|.*\\.spec\\.ts$)' },
    to: { path: HTTP, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'provider-sdks-only-in-egress',
    comment: 'Only egress changes anything at a third party, and it gives the SDK the outbound client to do it with.',
    from: { path: '^(apps|packages|infra)/', pathNot: '^apps/egress/' },
    to: { path: '(^|/)node_modules/(stripe|nodemailer)/' },
  },
  {
    name: 'no-handler-to-handler',
    comment: 'A reaction is one file; what two of them share is a decider, an aggregate or a projection.',
    from: { path: '\\.handler\\.ts$' },
    to: { path: '\\.handler\\.ts$' },
  },
  {
    name: 'no-cycles',
    comment: 'A cycle means that two files are one.',
    from: { path: '^(apps|packages|infra)/' },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
];
