import { InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { TailOptions } from '../topics/tail.js';

export function define(command: Command): void {
  const list = command
    .command('list')
    .description('Every topic with partitions, records and settings.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listTopics }, { runningAddressesOf }] = await Promise.all([
        import('../topics/list.js'),
        import('../running-addresses.js'),
      ]);
      await listTopics(context, await runningAddressesOf(context.home));
    });
  const tail = command
    .command('tail <topic>')
    .description('Records of a topic, decoded through the registry.')
    .option('--from <where>', 'beginning, latest, offset:N or time:ISO', 'beginning')
    .option('--type <contract>', 'only this contract, by full name or last part')
    .option('--key <key>', 'only this Kafka key')
    .option('--limit <n>', 'at most so many', wholeNumber)
    .option('--follow', 'go on with what arrives')
    .action(async (topic: string, options: TailOptions) => {
      const context = contextOf(tail);
      const [{ tail: show }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../topics/tail.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const interruption = listenForInterruption();
      try {
        await show(context, await runningAddressesOf(context.home), topic, options, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
  command.addHelpText(
    'after',
    examples(
      'topics list',
      'topics tail payments.events --limit 5',
      'topics tail fraud.events --type PaymentBlocked --json',
      'topics tail payments.events --from latest --follow --key pi_123',
      'topics tail webhooks.rejected --from time:2026-01-31T12:00:00Z',
    ),
  );
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}
