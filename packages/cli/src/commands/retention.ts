import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addChangeOptions } from '../operator/change-options.js';
import type { RunOptions } from '../retention/run.js';

export function define(command: Command): void {
  const status = command
    .command('status')
    .description('How long each store keeps what, how much is due, what is in the archive, and the inbox partitions.')
    .option('--service <name>', 'only of this service')
    .action(async ({ service }: { service?: string }) => {
      const context = contextOf(status);
      const [{ showRetention }, { runningAddressesOf }] = await Promise.all([
        import('../retention/status.js'),
        import('../running-addresses.js'),
      ]);
      await showRetention(context, await runningAddressesOf(context.home), service);
    });
  const run = addChangeOptions(command.command('run'))
    .description('Archive what is past its time and drop inbox partitions now, as the relay does once an hour.')
    .option('--service <name>', 'only of this service')
    .option(
      '--archive-dir <dir>',
      'folder of the archive (default: that of the home); the same as ARCHIVE_DIR of the relay',
    )
    .option('--dry-run', 'show what is due and change nothing')
    .action(async (options: RunOptions) => {
      const context = contextOf(run);
      const [{ run: act }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../retention/run.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const interruption = listenForInterruption();
      try {
        await act(context, await runningAddressesOf(context.home), options, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
  command.addHelpText(
    'after',
    examples(
      'retention status',
      'retention status --service triage --json',
      'retention run --dry-run --reason look',
      "retention run --service triage --reason 'disk is getting full'",
    ),
  );
}
