import type { Command } from 'commander';

/** A verb: what the overview says, and the module that knows its options, loaded only when the verb is used. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  load(): Promise<{ define(command: Command): void }>;
}

/** Every verb, in the order of the overview. */
export const verbs: readonly Verb[] = [
  {
    name: 'up',
    summary: 'start everything and watch it; Ctrl-C ends everything',
    load: () => import('./commands/up.js'),
  },
  { name: 'down', summary: 'end everything this home started', load: () => import('./commands/down.js') },
  { name: 'reset', summary: 'end everything and delete its data', load: () => import('./commands/reset.js') },
  {
    name: 'setup',
    summary: 'create topics, schemas, roles and the slot; safe to repeat',
    load: () => import('./commands/setup.js'),
  },
  {
    name: 'doctor',
    summary: 'check host, ports, stack, topics, schema, slot, sources, clock',
    load: () => import('./commands/doctor.js'),
  },
  {
    name: 'watch',
    summary: 'one line per step, over all topics, as it happens',
    load: () => import('./commands/watch.js'),
  },
  {
    name: 'trigger',
    summary: 'send a signed delivery and wait for its outcome',
    load: () => import('./commands/trigger.js'),
  },
  {
    name: 'sources',
    summary: 'who may send deliveries: add, list, rotate, disable, enable',
    load: () => import('./commands/sources.js'),
  },
  {
    name: 'operators',
    summary: 'people who may give commands: add, list, revoke',
    load: () => import('./commands/operators.js'),
  },
  { name: 'accounts', summary: 'unfreeze an account', load: () => import('./commands/accounts.js') },
  { name: 'reviews', summary: 'decide a payment that is held', load: () => import('./commands/reviews.js') },
  {
    name: 'deliveries',
    summary: 'what became of deliveries: list, show, resend',
    load: () => import('./commands/deliveries.js'),
  },
  { name: 'topics', summary: 'list topics, or read one decoded', load: () => import('./commands/topics.js') },
  {
    name: 'groups',
    summary: 'who reads what and how far behind: list, show, reset',
    load: () => import('./commands/groups.js'),
  },
  {
    name: 'trace',
    summary: 'what came of a delivery or payment, from webhook to effect',
    load: () => import('./commands/trace.js'),
  },
  { name: 'logs', summary: 'the logs of all processes, merged by time', load: () => import('./commands/logs.js') },
];
