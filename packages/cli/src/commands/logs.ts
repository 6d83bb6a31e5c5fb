import { InvalidArgumentError, Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import type { LogsRequest } from '../logs/logs.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

export function define(command: Command): void {
  command
    .option('--correlation <id>', 'only lines of the story whose correlation id starts so')
    .option('--service <name>', 'only this process, such as fraud or kafka')
    .addOption(new Option('--level <level>', 'this level and graver ones').choices(LEVELS))
    .option('--limit <n>', 'the last so many lines; 0: all', wholeNumber, 200)
    .option('--follow', 'go on with what is written')
    .addHelpText(
      'after',
      examples('logs --follow', 'logs --correlation 85a91ab2 --limit 0', 'logs --service fraud --level warn --json'),
    )
    .action(async (options: LogsRequest) => {
      const context = contextOf(command);
      const [{ logs }, { listenForInterruption }] = await Promise.all([
        import('../logs/logs.js'),
        import('../interruption.js'),
      ]);
      const interruption = listenForInterruption();
      try {
        await logs(context, options, interruption.signal);
      } finally {
        interruption.dispose();
      }
    });
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}
