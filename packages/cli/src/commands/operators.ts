import type { Command } from 'commander';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  defineAdd(command);
  defineList(command);
  defineRevoke(command);
  command.addHelpText(
    'after',
    examples(
      'operators add anna --role fraud-analyst --key-file anna.key',
      'operators add bo --role fraud-lead --print',
      'operators list --json',
      'operators revoke anna',
    ),
  );
}

const load = () =>
  Promise.all([
    import('@towpath/sources/edit-operators'),
    import('../setup-targets.js'),
    import('../local/local-sources.js'),
    import('@towpath/sources/files'),
  ] as const);

function defineAdd(command: Command): void {
  const add = command
    .command('add <name>')
    .description('Give a person a key of their own. The private half is written to a file, or printed once.')
    .option('--role <role>', 'what the person may do: fraud-analyst, fraud-lead, admin', 'fraud-analyst')
    .option('--key-file <file>', "where to write the private key (default: the home's secrets)")
    .option('--print', 'print the private key instead of writing it')
    .action(async (name: string, options: { role: string; keyFile?: string; print?: boolean }) => {
      const context = contextOf(add);
      const [{ addOperator }, { sourceFiles }, { operatorKeyFile }, { writeAtomically }] = await load();
      const { privateKey, publicKey } = addOperator(sourceFiles(context.home), name, options.role);
      const keyFile = options.keyFile ?? operatorKeyFile(context.home, name);
      if (options.print) {
        context.show(`${name} (${options.role})\nprivate key, shown once: ${privateKey}`, {
          name,
          role: options.role,
          publicKey,
          privateKey,
        });
        return;
      }
      writeAtomically(keyFile, `${privateKey}\n`, 0o600);
      context.show(`${name} (${options.role}); private key in ${keyFile}`, {
        name,
        role: options.role,
        publicKey,
        keyFile,
      });
    });
}

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('Who may give commands, in which role.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listOperators }, { sourceFiles }] = await load();
      const people = Object.entries(listOperators(sourceFiles(context.home)));
      for (const [name, { role, publicKey }] of people) {
        context.show(`${name.padEnd(16)}  ${role.padEnd(16)}  ${publicKey}`, { name, role, publicKey });
      }
      if (people.length === 0) context.note('nobody yet; add someone with `towpath operators add NAME --role ROLE`');
    });
}

function defineRevoke(command: Command): void {
  const revoke = command
    .command('revoke <name>')
    .description("Take a person's key away: from the next delivery on it verifies nothing.")
    .action(async (name: string) => {
      const context = contextOf(revoke);
      const [{ revokeOperator }, { sourceFiles }] = await load();
      revokeOperator(sourceFiles(context.home), name);
      context.show(`${name} can give no more commands`, { name, revoked: true });
    });
}
