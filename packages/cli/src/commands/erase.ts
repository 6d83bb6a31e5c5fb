import type { Command } from 'commander';
import { contextOf } from '../context.js';
import type { EraseOptions } from '../erase/erase.js';
import { examples } from '../examples.js';
import { addChangeOptions } from '../operator/change-options.js';

export function define(command: Command): void {
  const customer = addChangeOptions(command.command('customer <id>'))
    .description(
      "Destroy a customer's keys, let every service drop its rows, and say what is left and for how long. The role admin may. " +
        'It can not be undone; it may be repeated.',
    )
    .option('--dry-run', 'show what is known of the customer')
    .option('--yes', 'do not ask')
    .action(async (id: string, options: EraseOptions) => {
      const context = contextOf(customer);
      const [{ erase }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../erase/erase.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const interruption = listenForInterruption();
      try {
        await erase(context, await runningAddressesOf(context.home), id, options, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
  command.addHelpText(
    'after',
    examples(
      "erase customer cus_123 --reason 'request 2026-114' --dry-run",
      "erase customer cus_123 --reason 'request 2026-114' --yes",
      "erase customer guest_pi_123 --reason 'request 2026-115' --yes --json",
    ),
  );
}
