import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Addresses } from '../addresses.js';
import { contextOf } from '../context.js';
import { duration } from '../dlq/duration.js';
import { examples } from '../examples.js';
import type { LetterFilter } from '../dlq/letters.js';
import type { SettleOptions, Verb } from '../dlq/settle.js';
import { addChangeOptions } from '../operator/change-options.js';
import { addRevealOptions } from '../reveal/options.js';
import type { RevealOptions } from '../reveal/reveal.js';

export function define(command: Command): void {
  defineSummary(command);
  defineList(command);
  defineShow(command);
  defineSettle(command, 'redrive', 'Let their owners try the messages again, oldest first.');
  defineSettle(command, 'discard', 'Let them rest: their messages are not tried again.');
  command.addHelpText(
    'after',
    examples(
      'dlq summary --since 24h',
      'dlq list --reason-code UNDECODABLE --status open --json',
      "dlq show 85a91ab2-20bf-5e65-b18c-424344ebdd06 --reveal --reason 'ticket 12'",
      "dlq redrive --type ChargeSucceeded --since 2h --reason 'fixed in 1.4.2' --rate 20",
      "dlq redrive 85a91ab2-20bf-5e65-b18c-424344ebdd06 --edit fixed.json --reason 'currency was missing' --yes",
      "dlq discard --handler RouteDelivery --reason 'test traffic' --dry-run",
    ),
  );
}

interface Filters {
  readonly type?: string;
  readonly reasonCode?: string;
  readonly handler?: string;
  readonly service?: string;
  readonly since?: number;
}

function filtered(command: Command): Command {
  return command
    .option('--type <contract>', 'only of this message type, by full name or last part')
    .option('--reason-code <code>', 'only with this reason, such as UNDECODABLE')
    .option('--handler <name>', 'only of this handler')
    .option('--service <name>', 'only of this service')
    .option('--since <time>', 'only those of the last 30s, 90m, 24h, 7d', duration);
}

function filterOf({ type, reasonCode, handler, service, since }: Filters): LetterFilter {
  return {
    ...(type !== undefined && { type }),
    ...(reasonCode !== undefined && { reason: reasonCode }),
    ...(handler !== undefined && { handler }),
    ...(service !== undefined && { service }),
    ...(since !== undefined && { since: new Date(Date.now() - since) }),
  };
}

const load = () => Promise.all([import('../dlq/show-letters.js'), import('../running-addresses.js')] as const);

function defineSummary(command: Command): void {
  const summary = command
    .command('summary')
    .description('Dead letters by type × reason × handler, with the trend since the period before.')
    .option('--since <time>', 'of the last 30s, 90m, 24h, 7d', duration, duration('24h'))
    .action(async ({ since }: { since: number }) => {
      const context = contextOf(summary);
      const [{ showSummary }, { runningAddressesOf }] = await load();
      await showSummary(context, await runningAddressesOf(context.home), since);
    });
}

function defineList(command: Command): void {
  const list = filtered(command.command('list'))
    .description('Dead letters, newest first.')
    .addOption(new Option('--status <status>', 'only these').choices(['open', 'redriven', 'discarded']))
    .option('--limit <n>', 'at most so many', wholeNumber, 50)
    .action(async ({ status, limit, ...filters }: Filters & Pick<LetterFilter, 'status'> & { limit: number }) => {
      const context = contextOf(list);
      const [{ showList }, { runningAddressesOf }] = await load();
      const filter = { ...filterOf(filters), ...(status && { status }) };
      await showList(context, await runningAddressesOf(context.home), filter, limit);
    });
}

function defineShow(command: Command): void {
  const show = addRevealOptions(command.command('show <id>'))
    .description('One dead letter; what it says and holds of its message only with --reveal.')
    .action(async (id: string, options: RevealOptions) => {
      const context = contextOf(show);
      const [{ showLetter }, { runningAddressesOf }, { withView }] = await Promise.all([
        import('../dlq/show-letter.js'),
        import('../running-addresses.js'),
        import('../reveal/reveal.js'),
      ]);
      const addresses = await runningAddressesOf(context.home);
      await withView(context, addresses, `dead letter ${id}`, options, (view) =>
        showLetter(context, addresses, id, view),
      );
    });
}

type Options = Filters & SettleOptions & { readonly all?: boolean; readonly edit?: string };

function defineSettle(command: Command, verb: Verb, description: string): void {
  const task = addChangeOptions(filtered(command.command(`${verb} [ids...]`)))
    .description(description)
    .option('--all', 'all that are open')
    .option('--rate <n>', 'at most so many a second', wholeNumber, 10)
    .option('--dry-run', 'show what would be done')
    .option('--yes', 'do not ask');
  if (verb === 'redrive') task.option('--edit <file>', 'JSON of the data to try instead, or -; for one id');
  task.action(async (ids: string[], { all = false, edit, ...options }: Options) => {
    const context = contextOf(task);
    const [{ assertChosen, settle }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
      import('../dlq/settle.js'),
      import('../running-addresses.js'),
      import('../interruption.js'),
    ]);
    const filter = filterOf(options);
    assertChosen(ids, filter, all);
    const addresses = await runningAddressesOf(context.home);
    const edited = edit === undefined ? {} : { edited: await editOf(addresses, ids, edit) };
    const interruption = listenForInterruption();
    try {
      const chosen = { ...filter, ...(ids.length > 0 && { ids }) };
      await settle(context, addresses, verb, chosen, { ...options, ...edited }, interruption.signal);
    } finally {
      interruption.dispose();
    }
  });
}

async function editOf(addresses: Addresses, ids: readonly string[], file: string): Promise<unknown> {
  const [{ editedData }, { letterById }] = await Promise.all([
    import('../dlq/edited.js'),
    import('../dlq/show-letters.js'),
  ]);
  return editedData(file, (await letterById(addresses, ids)).type);
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('give a whole number from 1 to 9999.');
  return Number(text);
}
