import { InvalidArgumentError, Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { DeliveryFilter } from '../deliveries/delivery-rows.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';
import { addRevealOptions } from '../reveal/options.js';
import type { RevealOptions } from '../reveal/reveal.js';

export function define(command: Command): void {
  defineList(command);
  defineShow(command);
  defineResend(command);
  command.addHelpText(
    'after',
    examples(
      'deliveries list --source stripe --limit 50',
      'deliveries list --outcome unrouted --json',
      'deliveries list --rejected',
      'deliveries show 85a91ab2-20bf-5e65-b18c-424344ebdd06',
      "deliveries show 85a91ab2-20bf-5e65-b18c-424344ebdd06 --reveal --reason 'case 17'",
      "deliveries resend 85a91ab2-20bf-5e65-b18c-424344ebdd06 --reason 'triage was mended'",
    ),
  );
}

const load = () =>
  Promise.all([
    import('../deliveries/deliveries.js'),
    import('../running-addresses.js'),
    import('../interruption.js'),
    import('../reveal/reveal.js'),
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

function defineShow(command: Command): void {
  const show = addRevealOptions(command.command('show <id>'))
    .description('One delivery; its body only with --reveal.')
    .action(async (id: string, options: RevealOptions) => {
      const context = contextOf(show);
      const [{ showDelivery }, { runningAddressesOf }, , { withView }] = await load();
      const addresses = await runningAddressesOf(context.home);
      await withView(context, addresses, `delivery ${id}`, options, (view) =>
        showDelivery(context, addresses, id, view),
      );
    });
}

function defineResend(command: Command): void {
  const resend = addChangeOptions(command.command('resend <id>'))
    .description('Post the original bytes again, freshly signed.')
    .action(async (id: string, options: ChangeOptions) => {
      const context = contextOf(resend);
      const [{ resendDelivery }, { runningAddressesOf }] = await load();
      await resendDelivery(context, await runningAddressesOf(context.home), id, options);
    });
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('give a whole number from 1 to 9999.');
  return Number(text);
}
