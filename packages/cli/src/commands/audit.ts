import type { Command } from 'commander';
import type { ExportOptions } from '../audit/export.js';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addRevealOptions } from '../reveal/options.js';

export function define(command: Command): void {
  const key = command
    .command('key')
    .description('The public key that signs checkpoints, to be kept where the platform can not change it.')
    .action(async () => {
      const context = contextOf(key);
      const [{ showKeys }, { runningAddressesOf }] = await Promise.all([
        import('../audit/key.js'),
        import('../running-addresses.js'),
      ]);
      await showKeys(context, await runningAddressesOf(context.home));
    });
  const bundle = addRevealOptions(command.command('export <id>'))
    .description(
      'All of a delivery, message or story with its proofs in one file, which `verify --bundle` checks anywhere.',
    )
    .option('--out <file>', 'default: audit-<id>.json')
    .action(async (id: string, options: ExportOptions) => {
      const context = contextOf(bundle);
      const [{ exportBundle }, { runningAddressesOf }] = await Promise.all([
        import('../audit/export.js'),
        import('../running-addresses.js'),
      ]);
      await exportBundle(context, await runningAddressesOf(context.home), id, options);
    });
  command.addHelpText(
    'after',
    examples(
      'audit export pi_123',
      "audit export 85a91ab2-20bf-5e65-b18c-424344ebdd06 --out case-17.json --reveal --reason 'case 17'",
      'verify --bundle case-17.json --key relay.pem',
      'audit key > relay.pem',
    ),
  );
}
