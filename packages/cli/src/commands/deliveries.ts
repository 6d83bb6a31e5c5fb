import { InvalidArgumentError, Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { DeliveryFilter } from '../deliveries/delivery-rows.js';

export function define(command: Command): void {
  defineList(command);
  defineById(command, 'show', 'One delivery with its body.', (module) => module.showDelivery);
  defineById(command, 'resend', 'Post the original bytes again, freshly signed.', (module) => module.resendDelivery);
  command.addHelpText(
    'after',
    examples(
      'deliveries list --source stripe --limit 50',
      'deliveries list --outcome unrouted --json',
      'deliveries list --rejected',
      'deliveries show 85a91ab2-20bf-5e65-b18c-424344ebdd06',
      'deliveries resend 85a91ab2-20bf-5e65-b18c-424344ebdd06',
    ),
  );
}

const load = () =>
  Promise.all([
    import('../deliveries/deliveries.js'),
    import('../running-addresses.js'),
    import('../interruption.js'),
  ] as const);

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('What became of the latest deliveries, newest first.')
    .option('--source <name>', 'only of this source')
    .option('--type <event>', "only this type of the provider's, such as charge.succeeded")
    .addOption(new Option('--outcome <what>', 'only these').choices(['routed', 'unrouted', 'refused']))
    .option('--rejected', 'those that ingress refused, oldest first')
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .action(async ({ rejected, ...filter }: DeliveryFilter & { rejected?: boolean }) => {
      const context = contextOf(list);
      const [{ listDeliveries, listRejected }, { runningAddressesOf }, { listenForInterruption }] = await load();
      if (!rejected) return listDeliveries(context, await runningAddressesOf(context.home), filter);
      const interruption = listenForInterruption();
      await listRejected(context, await runningAddressesOf(context.home), filter.limit, interruption.signal);
      interruption.dispose();
    });
}

type Module = typeof import('../deliveries/deliveries.js');

function defineById(
  command: Command,
  verb: 'show' | 'resend',
  description: string,
  of: (module: Module) => Module['showDelivery'],
): void {
  const one = command
    .command(`${verb} <id>`)
    .description(description)
    .action(async (id: string) => {
      const context = contextOf(one);
      const [module, { runningAddressesOf }] = await load();
      await of(module)(context, await runningAddressesOf(context.home), id);
    });
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('give a whole number from 1 to 9999.');
  return Number(text);
}
