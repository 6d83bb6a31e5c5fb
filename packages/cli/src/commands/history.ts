import { InvalidArgumentError, Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { HistoryOptions } from '../history/history.js';
import { instant } from '../instant.js';
import { addRevealOptions } from '../reveal/options.js';
import type { RevealOptions } from '../reveal/reveal.js';

export function define(command: Command): void {
  addRevealOptions(command)
    .argument('<stream>', '<name>-<key>, such as fraud-case-pi_123')
    .addOption(new Option('--version <n>', 'only up to this version').argParser(wholeNumber).conflicts('at'))
    .option('--at <time>', 'only up to this instant: 2026-01-31T12:00:00Z, or 90m for so long ago', instant)
    .option('--service <name>', 'of this service, when several have such a stream')
    .option('--last <n>', 'show only the last so many of these events', wholeNumber)
    .option('--data', 'also what each event says; --reveal does')
    .addHelpText('after', meaning)
    .addHelpText(
      'after',
      examples(
        'history fraud-case-pi_123',
        'history account-cus_9 --at 2026-01-31T12:00:00Z',
        'history fraud-case-pi_123 --version 3 --json',
        "history fraud-case-pi_123 --reveal --reason 'case 17'",
      ),
    )
    .action(async (stream: string, options: HistoryOptions & RevealOptions) => {
      const context = contextOf(command);
      const [{ showHistory }, { withView }, { runningAddressesOf }] = await Promise.all([
        import('../history/history.js'),
        import('../reveal/reveal.js'),
        import('../running-addresses.js'),
      ]);
      const addresses = await runningAddressesOf(context.home);
      const asked = { ...options, data: options.data ?? options.reveal ?? false };
      await withView(context, addresses, `stream ${stream}`, options, (view) =>
        showHistory(context, addresses, stream, asked, view),
      );
    });
}

const meaning = `
The state is what the service itself decides from: its own code folds the events, in a process that has no address and no
credential. + came, - went, ~ changed. An instant goes by the clock of the service that decided.
`;

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('give a whole number from 1.');
  return Number(text);
}
