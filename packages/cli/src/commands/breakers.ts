import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';

export function define(command: Command): void {
  const list = command
    .command('list')
    .description('The ways to third parties whose breaker ever opened: how each stands, since when and why.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listBreakers }, { runningAddressesOf }] = await Promise.all([
        import('../breakers/list.js'),
        import('../running-addresses.js'),
      ]);
      await listBreakers(context, await runningAddressesOf(context.home));
    });
  const reset = addChangeOptions(command.command('reset <breaker>'))
    .description('Let calls through again at once, also to an endpoint that was disabled; signed with your own key.')
    .action(async (breakerId: string, options: ChangeOptions) => {
      const context = contextOf(reset);
      const [{ command: give }, { runningAddressesOf }] = await Promise.all([
        import('../operator/command.js'),
        import('../running-addresses.js'),
      ]);
      const data = { breakerId, reason: options.reason };
      const owner = breakerId.split('/')[0] ?? '';
      const asked = { type: 'ResetBreaker', data, done: ['BreakerChanged'], owner } as const;
      await give(context, await runningAddressesOf(context.home), asked, options);
    });
  command.addHelpText(
    'after',
    examples('breakers list', "breakers reset egress/hooks/acme --reason 'they mended their receiver'"),
  );
}
