import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  command
    .addHelpText('after', `\nExit code 1 when something is wrong.\n${examples('doctor', 'doctor --json')}`)
    .action(async () => {
      const context = contextOf(command);
      const [{ findingsOf }, { hostChecks }, { stackChecks }, { addressesOf }] = await Promise.all([
        import('../doctor/check.js'),
        import('../doctor/host-checks.js'),
        import('../doctor/stack-checks.js'),
        import('../addresses.js'),
      ]);
      const addresses = addressesOf(context.home);
      const { colors } = context;
      const running = [...hostChecks(addresses), ...stackChecks(addresses)].map(findingsOf);
      for (const findings of running) {
        for (const finding of await findings) {
          const mark = finding.ok ? colors.green('ok  ') : colors.red('FAIL');
          const fix = finding.fix === undefined ? '' : `\n        fix: ${finding.fix}`;
          context.show(`${mark}  ${finding.name.padEnd(14)}  ${finding.detail}${fix}`, finding);
          if (!finding.ok) process.exitCode = 1;
        }
      }
    });
}
