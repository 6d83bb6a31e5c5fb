import { InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

const LIMIT_MAX = 1_000;

export function define(command: Command): void {
  const list = command
    .command('list')
    .description(
      'Messages that wait: for another try, behind an earlier one of their key, for a worker, or for a dead letter to be settled.',
    )
    .option('--service <name>', 'only of this service')
    .option('--limit <n>', `the oldest so many, at most ${LIMIT_MAX}`, limitOf, 100)
    .action(async (options: { service?: string; limit: number }) => {
      const context = contextOf(list);
      const [{ listRetries }, { runningAddressesOf }] = await Promise.all([
        import('../retries/list.js'),
        import('../running-addresses.js'),
      ]);
      await listRetries(context, await runningAddressesOf(context.home), options);
    });
  command.addHelpText('after', examples('retries list', 'retries list --service fraud --json'));
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw new InvalidArgumentError(`a number from 1 to ${LIMIT_MAX}`);
  return limit;
}
