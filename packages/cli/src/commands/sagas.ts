import { InvalidArgumentError, Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { duration } from '../dlq/duration.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';
import { SAGA_STATES, type SagaFilter } from '../sagas/saga-rows.js';
import type { SagaVerb } from '../sagas/steer-saga.js';

export function define(command: Command): void {
  defineList(command);
  defineShow(command);
  defineChange(command, 'cancel', 'Undo what the saga did, newest first, instead of going on.');
  defineChange(command, 'pause', 'Begin nothing more until it is resumed; replies are still recorded.');
  defineChange(command, 'resume', 'Let a paused saga go on.');
  defineStepChange(command, 'retry', 'Try the step that failed again, or its undo, with a new set of attempts.');
  defineStepChange(command, 'skip', 'Take the step, or its undo, as settled by hand and go on without it.');
  defineGraph(command);
  defineReplay(command);
  command.addHelpText(
    'after',
    examples(
      'sagas list --state needs_human',
      'sagas list --stuck --older-than 10m --json',
      'sagas show order_789',
      "sagas retry order_789 ship --reason 'the carrier is back'",
      "sagas skip order_789 charge --reason 'refunded by hand in the dashboard of the gateway'",
      'sagas graph order-fulfilment > order-fulfilment.mmd',
      'sagas replay --definition order-fulfilment --limit 1000',
    ),
  );
}

interface ListOptions extends Pick<SagaFilter, 'definition' | 'state' | 'stuck'> {
  readonly olderThan?: number;
  readonly since?: number;
  readonly limit: number;
}

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('Sagas, newest first: how they stand, since when, at which step.')
    .option('--definition <name>', 'only of this definition')
    .addOption(new Option('--state <state>', 'only these').choices([...SAGA_STATES]))
    .option('--stuck', 'only those that neither ended nor changed for five minutes, or that wait for a person')
    .option('--older-than <time>', 'only those begun longer ago than 30s, 90m, 24h, 7d', duration)
    .option('--since <time>', 'only those begun in the last 30s, 90m, 24h, 7d', duration)
    .option('--limit <n>', 'at most so many, up to 1000', wholeNumber, 50)
    .action(async ({ olderThan, since, limit, ...filter }: ListOptions) => {
      const context = contextOf(list);
      const [{ listSagas }, { runningAddressesOf }] = await Promise.all([
        import('../sagas/list.js'),
        import('../running-addresses.js'),
      ]);
      const ago = (ms: number): Date => new Date(Date.now() - ms);
      const asked = {
        ...filter,
        ...(olderThan !== undefined && { before: ago(olderThan) }),
        ...(since !== undefined && { since: ago(since) }),
      };
      await listSagas(context, await runningAddressesOf(context.home), asked, limit);
    });
}

function defineShow(command: Command): void {
  const show = command
    .command('show <saga>')
    .description(
      'One saga as a timeline, each undo under the step it undoes; by its id, the start of it, or what it is about.',
    )
    .action(async (saga: string) => {
      const context = contextOf(show);
      const [{ showSaga }, { runningAddressesOf }] = await Promise.all([
        import('../sagas/show.js'),
        import('../running-addresses.js'),
      ]);
      await showSaga(context, await runningAddressesOf(context.home), saga);
    });
}

function defineChange(command: Command, verb: SagaVerb, description: string): void {
  const task = addChangeOptions(command.command(`${verb} <saga>`))
    .description(description)
    .action((saga: string, options: ChangeOptions) => steer(task, verb, { saga }, options));
}

function defineStepChange(command: Command, verb: SagaVerb, description: string): void {
  const task = addChangeOptions(command.command(`${verb} <saga> <step>`))
    .description(description)
    .action((saga: string, step: string, options: ChangeOptions) => steer(task, verb, { saga, step }, options));
}

async function steer(
  task: Command,
  verb: SagaVerb,
  what: { readonly saga: string; readonly step?: string },
  options: ChangeOptions,
): Promise<void> {
  const context = contextOf(task);
  const [{ steerSaga }, { runningAddressesOf }] = await Promise.all([
    import('../sagas/steer-saga.js'),
    import('../running-addresses.js'),
  ]);
  await steerSaga(context, await runningAddressesOf(context.home), verb, what, options);
}

function defineGraph(command: Command): void {
  const graph = command
    .command('graph [definition]')
    .description('A definition as a Mermaid diagram, or all of them; needs nothing that runs.')
    .action(async (definition: string | undefined) => {
      const { showGraph } = await import('../sagas/graph.js');
      showGraph(contextOf(graph), definition);
    });
}

function defineReplay(command: Command): void {
  const replay = command
    .command('replay [saga]')
    .description('Decide again, with the code that is here, all that one saga or the newest ones heard, and compare.')
    .option('--definition <name>', 'only of this definition')
    .addOption(new Option('--state <state>', 'only these').choices([...SAGA_STATES]))
    .option('--limit <n>', 'at most so many, up to 1000', wholeNumber, 50)
    .action(async (saga: string | undefined, options: Pick<ListOptions, 'definition' | 'state' | 'limit'>) => {
      const context = contextOf(replay);
      const [{ replaySagas }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../sagas/replay-sagas.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const asked = { ...options, ...(saga !== undefined && { saga }) };
      const interruption = listenForInterruption();
      try {
        await replaySagas(context, await runningAddressesOf(context.home), asked, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > 1_000)
    throw new InvalidArgumentError('give a number from 1 to 1000.');
  return Number(text);
}
