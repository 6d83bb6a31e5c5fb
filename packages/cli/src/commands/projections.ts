import { InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { instant } from '../instant.js';
import { addChangeOptions } from '../operator/change-options.js';
import type { RebuildOptions } from '../projections/rebuild.js';
import type { ShowOptions } from '../projections/show.js';

export function define(command: Command): void {
  defineList(command);
  defineShow(command);
  defineCheck(command);
  defineRebuild(command);
  command.addHelpText(
    'after',
    examples(
      'projections list',
      'projections show fraud/accounts --key cus_9 --at 2026-01-31T12:00:00Z',
      'projections check',
      'projections rebuild fraud/accounts --dry-run --reason try',
      "projections rebuild dead-letter-groups --service fraud --reason 'counted by handler since 0.2'",
    ),
  );
}

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('Every projection with its number of rows.')
    .option('--service <name>', 'only of this service')
    .action(async ({ service }: { service?: string }) => {
      const context = contextOf(list);
      const [{ listProjections }, { runningAddressesOf }] = await Promise.all([
        import('../projections/list.js'),
        import('../running-addresses.js'),
      ]);
      await listProjections(context, await runningAddressesOf(context.home), service);
    });
}

function defineShow(command: Command): void {
  const show = command
    .command('show <name>')
    .description('Rows of a projection, as they are or as they were.')
    .option('--key <key>', 'only this row; repeat for more', (word: string, all: string[] = []) => [...all, word])
    .option('--at <time>', 'as of this instant: 2026-01-31T12:00:00Z, or 90m for so long ago', instant)
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .option('--service <name>', 'of this service, when several have one')
    .action(async (name: string, options: ShowOptions) => {
      const context = contextOf(show);
      const [{ showProjection }, { runningAddressesOf }] = await Promise.all([
        import('../projections/show.js'),
        import('../running-addresses.js'),
      ]);
      await showProjection(context, await runningAddressesOf(context.home), name, options);
    });
}

const load = () =>
  Promise.all([
    import('../projections/rebuild.js'),
    import('../running-addresses.js'),
    import('../interruption.js'),
  ] as const);

function defineCheck(command: Command): void {
  const check = command
    .command('check [name]')
    .description('Compare projections, all or one, with a replay of their events; exit code 1 when rows differ.')
    .option('--service <name>', 'only of this service')
    .action(async (name: string | undefined, { service }: { service?: string }) => {
      const context = contextOf(check);
      const [{ checkProjections }, { runningAddressesOf }, { listenForInterruption }] = await load();
      const addresses = await runningAddressesOf(context.home);
      const interruption = listenForInterruption();
      const asked = { ...(name !== undefined && { name }), ...(service !== undefined && { service }) };
      try {
        await checkProjections(context, addresses, asked, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
}

function defineRebuild(command: Command): void {
  const rebuild = addChangeOptions(command.command('rebuild <name>'))
    .description('Build a projection anew from its events beside the live one, compare, and swap in what differs.')
    .option('--service <name>', 'of this service, when several have one')
    .option('--dry-run', 'compare only; exit code 1 when rows differ')
    .action(async (name: string, options: RebuildOptions) => {
      const context = contextOf(rebuild);
      const [{ rebuildProjection }, { runningAddressesOf }, { listenForInterruption }] = await load();
      const addresses = await runningAddressesOf(context.home);
      const interruption = listenForInterruption();
      try {
        await rebuildProjection(context, addresses, name, options, interruption.signal);
      } finally {
        interruption.dispose();
      }
    })
    .addHelpText('after', meaning);
}

const meaning = `
The service goes on all the while; it waits only for the swap, some milliseconds. Ctrl-C before it leaves the live rows as they were.
It begins anew each time; what a killed one left behind is dropped. Deploy a changed fold before: what rebuilds is the code that is
here, and what goes on folding afterwards is the code that runs.
`;

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('give a whole number from 1.');
  return Number(text);
}
