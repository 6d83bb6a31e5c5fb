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
    summary:
      'check host, ports, stack, topics, schema, slot, sources, clock; restore: put back what a restored database lacks',
    effect: { restore: 'changes' },
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
    name: 'token',
    summary: 'tokens of people for the console: create, list, revoke',
    effect: { create: 'changes', list: 'reads', revoke: 'changes' },
    load: () => import('./commands/token.js'),
  },
  {
    name: 'review',
    summary: 'what people have to decide: list, show, decide',
    effect: { list: 'reads', show: 'reads', decide: 'changes' },
    load: () => import('./commands/review.js'),
  },
  {
    name: 'deliveries',
    summary: 'what became of deliveries: list, show, resend',
    effect: { list: 'reads', show: 'reads', resend: 'changes' },
    load: () => import('./commands/deliveries.js'),
  },
  {
    name: 'retries',
    summary: 'messages that wait, how often they failed and when they come next: list',
    effect: { list: 'reads' },
    load: () => import('./commands/retries.js'),
  },
  {
    name: 'dlq',
    summary: 'messages that were given up: summary, list, show, redrive, discard',
    effect: { summary: 'reads', list: 'reads', show: 'reads', redrive: 'changes', discard: 'changes' },
    load: () => import('./commands/dlq.js'),
  },
  {
    name: 'runs',
    summary: 'what agents did, step by step: list, show, cancel, retry',
    effect: { list: 'reads', show: 'reads', cancel: 'changes', retry: 'changes' },
    load: () => import('./commands/runs.js'),
  },
  {
    name: 'sagas',
    summary:
      'steps with their undo, and what people do about them: list, show, cancel, pause, resume, retry, skip, graph, replay',
    effect: {
      list: 'reads',
      show: 'reads',
      cancel: 'changes',
      pause: 'changes',
      resume: 'changes',
      retry: 'changes',
      skip: 'changes',
      graph: 'reads',
      replay: 'reads',
    },
    load: () => import('./commands/sagas.js'),
  },
  {
    name: 'leads',
    summary: 'people who may buy: take one, say how it ended',
    effect: { take: 'changes', close: 'changes' },
    load: () => import('./commands/leads.js'),
  },
  {
    name: 'effects',
    summary: 'what was asked of third parties: list, settle one whose outcome nobody knows',
    effect: { list: 'reads', settle: 'changes' },
    load: () => import('./commands/effects.js'),
  },
  {
    name: 'breakers',
    summary: 'the ways to third parties, which are closed and why: list, reset',
    effect: { list: 'reads', reset: 'changes' },
    load: () => import('./commands/breakers.js'),
  },
  {
    name: 'erase',
    summary: 'make what is known of a person unreadable for ever: customer',
    effect: { customer: 'changes' },
    load: () => import('./commands/erase.js'),
  },
  {
    name: 'agents',
    summary: 'what agents may do and did, and stopping them: list, history, pause, resume, kill, rotate',
    effect: {
      list: 'reads',
      history: 'reads',
      pause: 'changes',
      resume: 'changes',
      kill: 'changes',
      rotate: 'changes',
    },
    load: () => import('./commands/agents.js'),
  },
  {
    name: 'topics',
    summary: 'list topics, or read one decoded',
    effect: 'reads',
    load: () => import('./commands/topics.js'),
  },
  {
    name: 'contracts',
    summary: 'what messages look like: list, show, diff, check',
    effect: 'reads',
    load: () => import('./commands/contracts.js'),
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
    name: 'retention',
    summary: 'what stores keep, for how long, and what left them: status, run',
    effect: { status: 'reads', run: 'changes' },
    load: () => import('./commands/retention.js'),
  },
  {
    name: 'budgets',
    summary: 'what agents spent on models and what is left: show',
    effect: { show: 'reads' },
    load: () => import('./commands/budgets.js'),
  },
  {
    name: 'trace',
    summary: 'what came of a delivery or payment, from webhook to effect',
    effect: 'reads',
    load: () => import('./commands/trace.js'),
  },
  {
    name: 'replay',
    summary: 'decide a whole story again from its record, and compare every decision',
    effect: 'reads',
    load: () => import('./commands/replay.js'),
  },
  {
    name: 'explain',
    summary:
      'why something was decided: reasons, inputs, prompt, raw answer, rule versions, and whether their hashes hold',
    effect: 'reads',
    load: () => import('./commands/explain.js'),
  },
  {
    name: 'backtest',
    summary: 'decide recorded messages again with other rules or another model, and show what flips',
    effect: 'reads',
    load: () => import('./commands/backtest.js'),
  },
  {
    name: 'history',
    summary: 'the events of a stream, what each changed, and its state at any time',
    effect: 'reads',
    load: () => import('./commands/history.js'),
  },
  {
    name: 'verify',
    summary: 'find any change to stored history, by signed checkpoints and hash chains',
    effect: 'reads',
    load: () => import('./commands/verify.js'),
  },
  {
    name: 'audit',
    summary: 'what proves a story, in one file, and the key that signs: export, key',
    effect: 'reads',
    load: () => import('./commands/audit.js'),
  },
  {
    name: 'projections',
    summary: 'rows that follow from events: list, show, check, rebuild',
    effect: { list: 'reads', show: 'reads', check: 'reads', rebuild: 'changes' },
    load: () => import('./commands/projections.js'),
  },
  {
    name: 'logs',
    summary: 'the logs of all processes, merged by time',
    effect: 'reads',
    load: () => import('./commands/logs.js'),
  },
];
