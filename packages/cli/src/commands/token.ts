import { Option, type Command } from 'commander';
import { contextOf } from '../context.js';
import { duration } from '../dlq/duration.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';

export function define(command: Command): void {
  defineCreate(command);
  defineList(command);
  defineRevoke(command);
  command.addHelpText(
    'after',
    examples(
      "token create --name anna --role reviewer --ttl 8h --reason 'early shift'",
      'token list --json',
      "token revoke 3f9a0c1d2e4b5a67 --reason 'shift is over'",
    ),
  );
}

const ROLES = ['viewer', 'reviewer', 'supervisor', 'admin'] as const;

const load = () =>
  Promise.all([
    import('@towpath/sources/tokens'),
    import('../setup-targets.js'),
    import('../running-addresses.js'),
    import('../operator/change.js'),
  ] as const);

interface CreateOptions extends ChangeOptions {
  readonly name: string;
  readonly role: (typeof ROLES)[number];
  readonly ttl: number;
}

function defineCreate(command: Command): void {
  const create = addChangeOptions(command.command('create'))
    .description('Give a person a token for the console. It is printed once; only a hash is kept.')
    .requiredOption('--name <person>', 'whose it is: what they decide is in this name')
    .addOption(new Option('--role <role>', 'what it opens').choices(ROLES).makeOptionMandatory())
    .option('--ttl <time>', 'how long it lives, at most 24h', duration, duration('8h'))
    .action(async ({ name, role, ttl, ...signer }: CreateOptions) => {
      const context = contextOf(create);
      const [{ addToken }, { sourceFiles }, { runningAddressesOf }, { change }] = await load();
      const after = { role, hours: ttl / 3_600_000 };
      const operation = { verb: 'token create', target: `console token of ${name}`, before: null, after };
      const { id, text } = await change(context, await runningAddressesOf(context.home), operation, signer, () =>
        addToken(sourceFiles(context.home), name, role, ttl),
      );
      const expiresAt = new Date(Date.now() + ttl);
      context.show(`${name} (${role}) until ${expiresAt.toISOString()}, token ${id}\nshown once: ${text}`, {
        ...{ id, name, role, expiresAt, token: text },
      });
    });
}

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('Tokens that are in force: whose, which role, until when.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listTokens }, { sourceFiles }] = await load();
      const tokens = Object.entries(listTokens(sourceFiles(context.home)));
      const current = tokens.filter(([, { expiresAt }]) => Date.parse(expiresAt) > Date.now());
      for (const [id, { person: name, role, createdAt, expiresAt }] of current) {
        context.show(`${id}  ${name.padEnd(16)}  ${role.padEnd(10)}  until ${expiresAt}`, {
          ...{ id, name, role, createdAt, expiresAt },
        });
      }
      if (current.length === 0) context.note('none; make one with `towpath token create --name NAME --role ROLE`');
    });
}

function defineRevoke(command: Command): void {
  const revoke = addChangeOptions(command.command('revoke <id>'))
    .description('End a token: within moments it opens nothing any more.')
    .action(async (id: string, options: ChangeOptions) => {
      const context = contextOf(revoke);
      const [{ listTokens, revokeToken }, { sourceFiles }, { runningAddressesOf }, { change }] = await load();
      const files = sourceFiles(context.home);
      const { person = null, role = null } = listTokens(files)[id] ?? {};
      const before = { person, role };
      const operation = { verb: 'token revoke', target: `console token ${id}`, before, after: null };
      await change(context, await runningAddressesOf(context.home), operation, options, () => revokeToken(files, id));
      context.show(`token ${id} opens nothing any more`, { id, revoked: true });
    });
}
