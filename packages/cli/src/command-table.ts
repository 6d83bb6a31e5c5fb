import type { Command } from 'commander';

/**
 * What a verb does to the platform. `changes`: it needs --reason, shows before and after, and is an event with the person who
 * signed. `local`: it starts, sets up, feeds or ends a home, when nothing runs that could record it, or is recorded as deliveries.
 */
export type Effect = 'reads' | 'changes' | 'local';

/** A verb: what the overview says, and the module that knows its options, loaded only when the verb is used. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  /** of the verb, or of each of its own verbs; a spec holds `changes` to their rule */
  readonly effect: Effect | Readonly<Record<string, Effect>>;
  load(): Promise<{ define(command: Command): void }>;
}

/** Every verb, in the order of the overview. */
export const verbs: readonly Verb[] = [
  {
    name: 'up',
    summary: 'start everything and watch it; Ctrl-C ends everything',
    effect: 'local',
    load: () => import('./commands/up.js'),
  },
  {
    name: 'down',
    summary: 'end everything this home started',
    effect: 'local',
    load: () => import('./commands/down.js'),
  },
  {
    name: 'reset',
    summary: 'end everything and delete its data',
    effect: 'local',
    load: () => import('./commands/reset.js'),
  },
  {
    name: 'setup',
    summary: 'create topics, schemas, roles and the slot; safe to repeat',
    effect: 'local',
    load: () => import('./commands/setup.js'),
  },
  {
    name: 'doctor',
    summary: 'check host, ports, stack, topics, schema, slot, sources, clock',
    effect: 'reads',
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'watch',
    summary: 'one line per step, over all topics, as it happens',
    effect: 'reads',
    load: () => import('./commands/watch.js'),
  },
  {
    name: 'trigger',
    summary: 'send a signed delivery and wait for its outcome',
    effect: 'local',
    load: () => import('./commands/trigger.js'),
  },
  {
    name: 'sources',
    summary: 'who may send deliveries: add, list, rotate, disable, enable',
    effect: { add: 'changes', list: 'reads', rotate: 'changes', disable: 'changes', enable: 'changes' },
    load: () => import('./commands/sources.js'),
  },
  {
    name: 'operators',
    summary: 'people who may give commands: add, list, revoke',
    effect: { add: 'changes', list: 'reads', revoke: 'changes' },
    load: () => import('./commands/operators.js'),
  },
  {
    name: 'accounts',
    summary: 'unfreeze an account',
    effect: { unfreeze: 'changes' },
    load: () => import('./commands/accounts.js'),
  },
  {
    name: 'reviews',
    summary: 'decide a payment that is held',
    effect: { resolve: 'changes' },
    load: () => import('./commands/reviews.js'),
  },
  {
    name: 'deliveries',
    summary: 'what became of deliveries: list, show, resend',
    effect: { list: 'reads', show: 'reads', resend: 'changes' },
    load: () => import('./commands/deliveries.js'),
  },
  {
    name: 'topics',
    summary: 'list topics, or read one decoded',
    effect: 'reads',
    load: () => import('./commands/topics.js'),
  },
  {
    name: 'groups',
    summary: 'who reads what and how far behind: list, show, reset',
    effect: { list: 'reads', show: 'reads', reset: 'changes' },
    load: () => import('./commands/groups.js'),
  },
  {
    name: 'relay',
    summary: 'who publishes, and what is parked: status, release',
    effect: { status: 'reads', release: 'changes' },
    load: () => import('./commands/relay.js'),
  },
  {
    name: 'trace',
    summary: 'what came of a delivery or payment, from webhook to effect',
    effect: 'reads',
    load: () => import('./commands/trace.js'),
  },
  {
    name: 'logs',
    summary: 'the logs of all processes, merged by time',
    effect: 'reads',
    load: () => import('./commands/logs.js'),
  },
];
