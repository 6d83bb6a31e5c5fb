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
    name: 'watch',
    summary: 'one line per step, over all topics, as it happens',
    load: () => import('./commands/watch.js'),
  },
];
