import { InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { ResetOptions } from '../groups/reset.js';
import { addChangeOptions } from '../operator/change-options.js';

export function define(command: Command): void {
  defineList(command);
  defineShow(command);
  defineReset(command);
  command.addHelpText(
    'after',
    examples(
      'groups list',
      'groups show fraud',
      'groups reset fraud --to time:2026-01-31T12:00:00Z --dry-run --reason try',
      "groups reset fraud --to shift:-100 --topic payments.events --partition 3 --reason 'decided with old rules'",
    ),
  );
}

const load = () => Promise.all([import('../groups/groups.js'), import('../running-addresses.js')] as const);

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('Every consumer group: state, members, and how far behind on each topic, in records and seconds.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listGroups }, { runningAddressesOf }] = await load();
      await listGroups(context, await runningAddressesOf(context.home));
    });
}

function defineShow(command: Command): void {
  const show = command
    .command('show <group>')
    .description('One group: its members with what they read, and each partition.')
    .action(async (group: string) => {
      const context = contextOf(show);
      const [{ showGroup }, { runningAddressesOf }] = await load();
      await showGroup(context, await runningAddressesOf(context.home), group);
    });
}

function defineReset(command: Command): void {
  const reset = addChangeOptions(command.command('reset <group>'))
    .description('Move a group without members to other offsets.')
    .requiredOption('--to <where>', 'earliest, latest, offset:N, time:ISO or shift:-N')
    .option('--topic <topic>', 'only this topic (default: all it has committed on)')
    .option('--partition <p>', 'only this partition of --topic', wholeNumber)
    .option('--dry-run', 'show the moves and change nothing')
    .action(async (group: string, options: ResetOptions) => {
      const context = contextOf(reset);
      const [{ resetGroup }, { runningAddressesOf }] = await Promise.all([
        import('../groups/reset.js'),
        import('../running-addresses.js'),
      ]);
      await resetGroup(context, await runningAddressesOf(context.home), group, options);
    })
    .addHelpText('after', meaning);
}

const meaning = `
What a reset means: back, a service reads records again. Its inbox knows every message by id, so what it has handled is a
no-op: nothing is decided or paid twice, and nothing is decided anew; only what it never handled is. For messages older than
the inbox keeps (45 days) the high-water mark of their stream does the same. Forward, it skips records: those are never
handled, and no dead letter tells of them. The same reset again changes nothing, except shift, which counts from where
the group stands. The group must have no members.
`;

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}
