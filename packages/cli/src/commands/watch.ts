import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { Filters } from '../watch/filters.js';

export function define(command: Command): void {
  command
    .option('--type <contract>', 'only this contract, by full name or last part')
    .option('--service <name>', 'only what this service says')
    .option('--story <id>', 'only the story whose correlation id starts so')
    .option('--key <id>', 'only this Kafka key or aggregate id')
    .addHelpText(
      'after',
      examples('watch', 'watch --service fraud', 'watch --type PaymentBlocked --json', 'watch --key pi_123'),
    )
    .action(async (filters: Filters) => {
      const context = contextOf(command);
      const [{ watch }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../watch/watch.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const interruption = listenForInterruption();
      try {
        await watch(context, await runningAddressesOf(context.home), filters, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
}
