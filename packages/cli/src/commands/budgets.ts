import { InvalidArgumentError, type Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

const RUNS_MAX = 1_000;

export function define(command: Command): void {
  const show = command
    .command('show')
    .description(
      'What agents spent on models on a day, what is reserved and what is left: the day, its agents, its latest runs.',
    )
    .option('--day <date>', 'such as 2026-03-01, UTC (default: today)', dayOf)
    .option('--runs <n>', `so many runs, at most ${RUNS_MAX}`, runsOf, 10)
    .action(async ({ day, runs }: { day?: string; runs: number }) => {
      const context = contextOf(show);
      const [{ showBudgets }, { runningAddressesOf }] = await Promise.all([
        import('../budgets/show.js'),
        import('../running-addresses.js'),
      ]);
      const asked = { day: day ?? new Date().toISOString().slice(0, 10), runsMax: runs };
      await showBudgets(context, await runningAddressesOf(context.home), asked);
    });
  command.addHelpText('after', examples('budgets show', 'budgets show --day 2026-03-01 --runs 0 --json'));
}

function dayOf(text: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('a date such as 2026-03-01');
}

function runsOf(text: string): number {
  const runs = Number(text);
  if (!Number.isInteger(runs) || runs < 0 || runs > RUNS_MAX)
    throw new InvalidArgumentError(`a number from 0 to ${RUNS_MAX}`);
  return runs;
}
