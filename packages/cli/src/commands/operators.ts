import type { Command } from 'commander';
import { CliError } from '../cli-error.js';
import { contextOf } from '../context.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';

export function define(command: Command): void {
  defineAdd(command);
  defineList(command);
  defineRevoke(command);
  command.addHelpText(
    'after',
    examples(
      "operators add anna --role fraud-analyst --out anna.key --reason 'new in the team'",
      "operators add bo --role fraud-lead --print --reason 'leads from May on'",
      'operators list --json',
      "operators revoke anna --reason 'left the team'",
    ),
  );
}

const load = () =>
  Promise.all([
    import('@towpath/sources/edit-operators'),
    import('../setup-targets.js'),
    import('../local/local-sources.js'),
    import('@towpath/sources/files'),
    import('../running-addresses.js'),
    import('../operator/change.js'),
  ] as const);

/** The end of the change could not be signed any more. */
function ownKey(name: string): CliError {
  return new CliError('OWN_KEY', `${name} signs this; let another person revoke ${name}, by --as or --key-file.`);
}

function defineAdd(command: Command): void {
  const add = addChangeOptions(command.command('add <name>'))
    .description('Give a person a key of their own. The private half is written to a file, or printed once.')
    .option('--role <role>', 'what the person may do: fraud-analyst, fraud-lead, admin', 'fraud-analyst')
    .option('--out <file>', "where to write the new private key (default: the home's secrets)")
    .option('--print', 'print the private key instead of writing it')
    .action(async (name: string, options: ChangeOptions & { role: string; out?: string; print?: boolean }) => {
      const context = contextOf(add);
      const [edit, { sourceFiles }, { operatorKeyFile }, { writeAtomically }, { runningAddressesOf }, { change }] =
        await load();
      const operation = {
        verb: 'operators add',
        target: `operator ${name}`,
        before: null,
        after: { role: options.role },
      };
      const { privateKey, publicKey } = await change(
        context,
        await runningAddressesOf(context.home),
        operation,
        options,
        () => edit.addOperator(sourceFiles(context.home), name, options.role),
      );
      const keyFile = options.out ?? operatorKeyFile(context.home, name);
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
  const revoke = addChangeOptions(command.command('revoke <name>'))
    .description("Take a person's key away: from the next delivery on it verifies nothing.")
    .action(async (name: string, options: ChangeOptions) => {
      const context = contextOf(revoke);
      const [edit, { sourceFiles }, { LOCAL_OPERATOR }, , { runningAddressesOf }, { change }] = await load();
      const files = sourceFiles(context.home);
      if (options.keyFile === undefined && name === (options.as ?? LOCAL_OPERATOR)) throw ownKey(name);
      const role = edit.listOperators(files)[name]?.role ?? null;
      const operation = { verb: 'operators revoke', target: `operator ${name}`, before: { role }, after: null };
      await change(context, await runningAddressesOf(context.home), operation, options, () =>
        edit.revokeOperator(files, name),
      );
      context.show(`${name} can give no more commands`, { name, revoked: true });
    });
}
