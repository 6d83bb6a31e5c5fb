import { InvalidArgumentError, Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { duration } from '../dlq/duration.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';
import { addRevealOptions } from '../reveal/options.js';
import type { RevealOptions } from '../reveal/reveal.js';
import { RUN_STATUSES, type RunFilter } from '../runs/run-rows.js';

export function define(command: Command): void {
  defineList(command);
  defineShow(command);
  defineChange(command, 'cancel', 'Stop a run; its message becomes a dead letter.');
  defineChange(command, 'retry', 'Let a stopped run go on after its last finished step.');
  command.addHelpText(
    'after',
    examples(
      'runs list --status needs_human --since 24h',
      'runs list --agent chargeback --json',
      "runs show 0d5f1a3c --reveal --reason 'case 17'",
      "runs cancel 0d5f1a3c --reason 'wrong instructions'",
      "runs retry 0d5f1a3c --reason 'the provider is back'",
    ),
  );
}

type Filters = Omit<RunFilter, 'since' | 'runId'> & { readonly since?: number; readonly limit: number };

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('Runs of agents, newest first: how they stand, who decided, what they took.')
    .option('--service <name>', 'only of this service')
    .option('--agent <name>', 'only of this agent')
    .addOption(new Option('--status <status>', 'only these').choices([...RUN_STATUSES]))
    .option('--since <time>', 'only those begun in the last 30s, 90m, 24h, 7d', duration)
    .option('--limit <n>', 'at most so many, up to 1000', wholeNumber, 50)
    .action(async ({ since, limit, ...filter }: Filters) => {
      const context = contextOf(list);
      const [{ listRuns }, { runningAddressesOf }] = await Promise.all([
        import('../runs/list.js'),
        import('../running-addresses.js'),
      ]);
      const asked = { ...filter, ...(since !== undefined && { since: new Date(Date.now() - since) }) };
      await listRuns(context, await runningAddressesOf(context.home), asked, limit);
    });
}

function defineShow(command: Command): void {
  const show = addRevealOptions(command.command('show <run>'))
    .description('One run step by step, by its id or the start of it; what it saw of a person only with --reveal.')
    .action(async (runId: string, options: RevealOptions) => {
      const context = contextOf(show);
      const [{ showRun }, { runningAddressesOf }, { withView }] = await Promise.all([
        import('../runs/show.js'),
        import('../running-addresses.js'),
        import('../reveal/reveal.js'),
      ]);
      const addresses = await runningAddressesOf(context.home);
      await withView(context, addresses, `run ${runId}`, options, (view) => showRun(context, addresses, runId, view));
    });
}

function defineChange(command: Command, verb: 'cancel' | 'retry', description: string): void {
  const task = addChangeOptions(command.command(`${verb} <run>`))
    .description(description)
    .action(async (runId: string, options: ChangeOptions) => {
      const context = contextOf(task);
      const [{ cancelRun, retryRun }, { runningAddressesOf }] = await Promise.all([
        import('../runs/stop-or-retry.js'),
        import('../running-addresses.js'),
      ]);
      const change = verb === 'cancel' ? cancelRun : retryRun;
      await change(context, await runningAddressesOf(context.home), runId, options);
    });
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > 1_000)
    throw new InvalidArgumentError('give a number from 1 to 1000.');
  return Number(text);
}
