import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  command
    .argument('<id>', 'id of a delivery, event, payment, account or other aggregate, or of a provider event')
    .addHelpText(
      'after',
      examples('trace pi_123', 'trace 85a91ab2-20bf-5e65-b18c-424344ebdd06 --json', 'trace evt_123'),
    )
    .action(async (id: string) => {
      const context = contextOf(command);
      const [{ trace }, { runningAddressesOf }] = await Promise.all([
        import('../trace/trace.js'),
        import('../running-addresses.js'),
      ]);
      await trace(context, await runningAddressesOf(context.home), id);
    });
}
