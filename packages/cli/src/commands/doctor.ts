import { InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { duration } from '../dlq/duration.js';
import type { RestoreOptions } from '../doctor/restore/restore.js';
import { examples } from '../examples.js';
import { addChangeOptions } from '../operator/change-options.js';

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
  defineRestore(command);
}

function defineRestore(command: Command): void {
  const restore = addChangeOptions(command.command('restore'))
    .description('After Postgres was restored to an earlier time: put back into the stores what the topics hold.')
    .option('--dry-run', 'show what is missing and what would become of it, and change nothing')
    .option(
      '--since <time>',
      'to what time it was restored, ISO 8601 (default: as the restored database says)',
      instant,
    )
    .option('--behind <time>', 'how far services may have been behind then', duration, duration('1h'))
    .option('--accept', "let the relay publish on although something can't be put back")
    .action(async (options: RestoreOptions) => {
      const context = contextOf(restore);
      const [{ restore: act }, { runningAddressesOf }] = await Promise.all([
        import('../doctor/restore/restore.js'),
        import('../running-addresses.js'),
      ]);
      await act(context, await runningAddressesOf(context.home), options);
    })
    .addHelpText(
      'after',
      `${meaning}${examples(
        'doctor restore --dry-run --reason look',
        "doctor restore --reason 'disk lost, backup of 10:00'",
      )}`,
    );
}

const meaning = `
Stop the services first; Kafka and Postgres run, and the relay may. Exit code 1 while anything is missing: each event is listed
with its reason. Run it again at any time; see docs/how-to/restore.md.
`;

function instant(text: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('give a time such as 2026-01-31T12:00:00Z.');
  return time;
}
