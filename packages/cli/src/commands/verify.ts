import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { VerifyOptions } from '../verify/verify.js';

export function define(command: Command): void {
  command
    .option('--stream <stream>', 'one stream alone, such as payment-pi_123')
    .option('--service <name>', "one service's store alone")
    .option('--bundle <file>', 'a file of `towpath audit export`: needs nothing that runs')
    .option(
      '--topics',
      'hold every record that the topics have against the stores, not only those since the last checkpoint',
    )
    .option('--archive [dir]', 'read what left the stores, too, in this folder (default: that of the home)')
    .option('--key <file>', 'believe this public key, not those that the database names')
    .addHelpText(
      'after',
      `\nExit codes: 0 all is as it was · 1 something was changed · 2 wrong use · 3 it could not be checked\n` +
        examples(
          'verify',
          'verify --stream payment-pi_123',
          'verify --service fraud --json',
          'verify --bundle audit-pi_123.json --key relay.pem',
        ),
    )
    .action(async ({ bundle, ...options }: VerifyOptions & { readonly bundle?: string }) => {
      const context = contextOf(command);
      if (bundle !== undefined) {
        const { verifyBundle } = await import('../verify/verify-bundle.js');
        return verifyBundle(context, bundle, options);
      }
      const [{ verify }, { runningAddressesOf }, { cannotCheck }] = await Promise.all([
        import('../verify/verify.js'),
        import('../running-addresses.js'),
        import('../cli-error.js'),
      ]);
      await verify(context, await runningAddressesOf(context.home).catch(cannotCheck), options);
    });
}
