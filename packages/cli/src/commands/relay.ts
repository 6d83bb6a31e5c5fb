import type { Command } from 'commander';
import { addChangeOptions } from '../operator/change-options.js';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { ReleaseOptions } from '../relay/release.js';

export function define(command: Command): void {
  const status = command
    .command('status')
    .description('Who publishes, how far it is, and which streams wait because an event could not be published.')
    .action(async () => {
      const context = contextOf(status);
      const [{ showStatus }, { runningAddressesOf }] = await Promise.all([
        import('../relay/status.js'),
        import('../running-addresses.js'),
      ]);
      await showStatus(context, await runningAddressesOf(context.home));
    });
  const release = addChangeOptions(command.command('release <stream>'))
    .description('Publish a parked stream again, in order, after what stopped it was mended.')
    .option('--service <name>', 'whose stream, when several have one of this name')
    .option('--dry-run', 'show what would be released')
    .action(async (stream: string, options: ReleaseOptions) => {
      const context = contextOf(release);
      const [{ release: act }, { runningAddressesOf }] = await Promise.all([
        import('../relay/release.js'),
        import('../running-addresses.js'),
      ]);
      await act(context, await runningAddressesOf(context.home), stream, options);
    });
  command.addHelpText(
    'after',
    examples(
      'relay status',
      'relay release payment-pi_123 --dry-run --reason look',
      "relay release payment-pi_123 --reason 'relay has the contract now'",
    ),
  );
}
