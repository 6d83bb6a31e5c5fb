import { InvalidArgumentError, type Command } from 'commander';
import type { BacktestOptions } from '../backtest/backtest.js';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { instant } from '../instant.js';

export function define(command: Command): void {
  command
    .argument('<service>', 'whose decisions, such as fraud')
    .requiredOption('--since <time>', 'replay what came since then, such as 7d or 2026-01-31T12:00:00Z', instant)
    .option('--until <time>', 'and before then', instant)
    .option(
      '--with <change...>',
      'rules=v2, rules=FILE, classifier=FILE, model=NAME, prompt=AGENT:VERSION or prompt=AGENT:FILE; nothing replays what the service is set to',
    )
    .option('--gate <file>', 'limits that the change must keep; exit code 1 when it does not')
    .option('--limit <n>', 'flipped decisions, and failed messages, to show', wholeNumber, 20)
    .addHelpText('after', meaning)
    .action(async (service: string, options: BacktestOptions) => {
      const context = contextOf(command);
      const [{ backtest }, { runningAddressesOf }, { listenForInterruption }] = await Promise.all([
        import('../backtest/backtest.js'),
        import('../running-addresses.js'),
        import('../interruption.js'),
      ]);
      const addresses = await runningAddressesOf(context.home);
      const interruption = listenForInterruption();
      try {
        await backtest(context, addresses, service, { ...options, signal: interruption.signal });
      } finally {
        interruption.dispose();
      }
    });
}

const meaning = `
The service's topics are read by groups of their own; its decisions are made again from the state it had at --since on, and see one
another. Nothing is sent or written. A gate is a YAML or JSON file with any of flippedShareMax, flipsMax, failedMax, comparedMin,
p99MicrosMax, costMicrosMax; see docs/how-to/backtest.md.
${examples('backtest fraud --since 7d --with rules=v1', 'backtest fraud --since 24h --with rules=rules.json --gate gate.yaml', 'backtest fraud --since 7d --with prompt=fraud-opinion:stricter.txt')}`;

function wholeNumber(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}
