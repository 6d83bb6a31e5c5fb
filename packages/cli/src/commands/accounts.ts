import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';

export function define(command: Command): void {
  const unfreeze = addChangeOptions(command.command('unfreeze <account>'))
    .description('Lift the freeze of an account; signed with your own key.')
    .action(async (accountId: string, options: ChangeOptions) => {
      const context = contextOf(unfreeze);
      const [{ command: give }, { runningAddressesOf }] = await Promise.all([
        import('../operator/command.js'),
        import('../running-addresses.js'),
      ]);
      const data = { accountId, reason: options.reason };
      await give(
        context,
        await runningAddressesOf(context.home),
        { type: 'UnfreezeAccount', data, done: ['AccountUnfrozen'] },
        options,
      );
    });
  command.addHelpText('after', examples("accounts unfreeze cus_123 --reason 'checked with the customer'"));
}
