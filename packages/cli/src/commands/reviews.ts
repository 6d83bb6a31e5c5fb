import { Argument, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';

export function define(command: Command): void {
  const resolve = addChangeOptions(command.command('resolve'))
    .description('Decide a payment that is held for review; signed with your own key.')
    .argument('<payment>', 'payment id')
    .addArgument(new Argument('<decision>', 'what happens to it').choices(['approve', 'reject']))
    .action(async (paymentId: string, decision: string, options: ChangeOptions) => {
      const context = contextOf(resolve);
      const [{ command: give }, { runningAddressesOf }] = await Promise.all([
        import('../operator/command.js'),
        import('../running-addresses.js'),
      ]);
      const data = { paymentId, decision, reason: options.reason };
      const asked = { type: 'ResolvePaymentReview', data, done: 'ReviewResolved' } as const;
      await give(context, await runningAddressesOf(context.home), asked, options);
    });
  command.addHelpText(
    'after',
    examples(
      "reviews resolve pi_123 approve --reason 'known customer'",
      'reviews resolve pi_123 reject --reason fraud --json',
    ),
  );
}
