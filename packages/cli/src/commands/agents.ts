import { InvalidArgumentError, type Command } from 'commander';
import type { Wanted } from '../agents/switch.js';
import { contextOf } from '../context.js';
import { duration } from '../dlq/duration.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';

const LIMIT_MAX = 1_000;

export function define(command: Command): void {
  defineList(command);
  defineHistory(command);
  defineSwitch(command, 'pause', 'paused', 'Let an agent do no further step until it is resumed.');
  defineSwitch(command, 'resume', 'running', 'Let a paused or killed agent run again.');
  defineSwitch(command, 'kill', 'killed', 'Stop an agent at once, and refuse what it asked for and was not done yet.');
  defineRotate(command);
  command.addHelpText(
    'after',
    examples(
      'agents list',
      'agents history support --limit 20 --json',
      "agents kill support --reason 'it answers in the wrong language'",
      "agents resume support --reason 'fixed in 1.4.2'",
      "agents rotate support --overlap 30m --reason 'quarterly'",
    ),
  );
}

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('Agents with what they may do, whether they run, and what they did in the last day.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listAgents }, { runningAddressesOf }] = await Promise.all([
        import('../agents/list.js'),
        import('../running-addresses.js'),
      ]);
      await listAgents(context, await runningAddressesOf(context.home));
    });
}

function defineHistory(command: Command): void {
  const history = command
    .command('history <agent>')
    .description(
      'What an agent used its identity for, what it asked for and who switched it, newest first; never what it read.',
    )
    .option('--limit <n>', `at most so many, up to ${LIMIT_MAX}`, limitOf, 50)
    .action(async (agent: string, { limit }: { limit: number }) => {
      const context = contextOf(history);
      const [{ showHistory }, { runningAddressesOf }] = await Promise.all([
        import('../agents/history.js'),
        import('../running-addresses.js'),
      ]);
      await showHistory(context, await runningAddressesOf(context.home), agent, limit);
    });
}

function defineSwitch(command: Command, verb: string, to: Wanted, description: string): void {
  const task = addChangeOptions(command.command(`${verb} <agent>`))
    .description(`${description} Signed with your own key.`)
    .action(async (agent: string, options: ChangeOptions) => {
      const context = contextOf(task);
      const [{ switchAgent }, { runningAddressesOf }] = await Promise.all([
        import('../agents/switch.js'),
        import('../running-addresses.js'),
      ]);
      await switchAgent(context, await runningAddressesOf(context.home), { agent, to }, options);
    });
}

function defineRotate(command: Command): void {
  const task = addChangeOptions(command.command('rotate <service>'))
    .description("Give a service's agents a new key; what the old one signed verifies for a while.")
    .option('--overlap <time>', 'how long the old key verifies: 30s, 90m, 24h', duration, duration('1h'))
    .action(async (service: string, { overlap, ...options }: ChangeOptions & { overlap: number }) => {
      const context = contextOf(task);
      const [{ rotateKey }, { runningAddressesOf }] = await Promise.all([
        import('../agents/rotate.js'),
        import('../running-addresses.js'),
      ]);
      await rotateKey(context, await runningAddressesOf(context.home), { service, overlapMs: overlap }, options);
    });
}

function limitOf(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX)
    throw new InvalidArgumentError(`a number from 1 to ${LIMIT_MAX}`);
  return limit;
}
