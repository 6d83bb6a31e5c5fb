import { Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import type { ListOptions } from '../contracts/list.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  defineList(command);
  defineShow(command);
  defineDiff(command);
  defineCheck(command);
  command.addHelpText(
    'after',
    examples(
      'contracts list --pii',
      'contracts list --topic fraud.events --json',
      'contracts show AccountFrozen',
      'contracts diff AccountFrozen',
      'contracts diff AccountFrozen@registry AccountFrozen',
      'contracts diff fraud.v1.AccountFrozen fraud.v2.AccountFrozen',
      'contracts check --offline',
    ),
  );
}

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('Every contract: kind, topic, producers, how long it is kept, personal data.')
    .addOption(new Option('--kind <kind>', 'only these').choices(['event', 'command', 'platform', 'internal']))
    .option('--topic <topic>', 'only those of this topic')
    .option('--producer <service>', 'only those that this service may produce')
    .option('--pii', 'only those with personal data')
    .action(async (options: ListOptions) => {
      const { listContracts } = await import('../contracts/list.js');
      listContracts(contextOf(list), options);
    });
}

function defineShow(command: Command): void {
  const show = command
    .command('show <name>')
    .description('One contract: topic, key, producers, readers, schema id in the registry, fields.')
    .action(async (name: string) => {
      const { showContract } = await import('../contracts/show.js');
      await showContract(contextOf(show), name);
    });
}

function defineDiff(command: Command): void {
  const diff = command
    .command('diff <a> [b]')
    .description('What changed from A to B, and whether it is compatible (FULL_TRANSITIVE).')
    .action(async (one: string, other: string | undefined) => {
      const { diffContracts } = await import('../contracts/diff.js');
      await diffContracts(contextOf(diff), one, other);
    })
    .addHelpText('after', sides);
}

const sides = `
A side is NAME, a contract of the working tree, or NAME@registry, what the registry holds now, or NAME@0.1.0, what that
release promised. NAME is a full type, its last part, or that with a version (AccountFrozen.v2). NAME alone is compared with
the newest release, NAME@… alone with the working tree; @registry or @0.1.0 alone takes the other side's name.
`;

function defineCheck(command: Command): void {
  const check = command
    .command('check')
    .description('Hold all contracts to the rules, every release and the registry; exit code 1 when one breaks them.')
    .option('--offline', 'do not ask the registry')
    .action(async (options: { offline?: boolean }) => {
      const { checkContracts } = await import('../contracts/check.js');
      await checkContracts(contextOf(check), options);
    });
}
