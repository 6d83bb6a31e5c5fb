import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { SecretOnce } from '@towpath/sources/edit-sources';
import { PROVIDER_NAMES, PROVIDERS, type Provider } from '@towpath/sources/providers';
import { SCHEME_NAMES, type SchemeName } from '@towpath/sources/schemes';
import { CliError } from '../cli-error.js';
import { contextOf, type Context } from '../context.js';
import { examples } from '../examples.js';
import { addChangeOptions, type ChangeOptions } from '../operator/change-options.js';

export function define(command: Command): void {
  defineAdd(command);
  defineList(command);
  defineRotate(command);
  defineSwitch(command, 'disable', 'Stop taking deliveries of a source.');
  defineSwitch(command, 'enable', 'Take deliveries of a source again.');
  command.addHelpText(
    'after',
    examples(
      "sources add shop --provider stripe --secret-file whsec.txt --reason 'the second shop'",
      "sources add helpdesk --provider zendesk --secret-file signing-secret.txt --reason 'tickets'",
      "sources add ci --provider platform --scheme standard --allow 10.0.0.0/8 --reason 'deploys of ci'",
      'sources list --json',
      "sources rotate ci --overlap-hours 24 --reason 'quarterly'",
      "sources disable ci --reason 'it floods us'",
    ),
  );
}

const load = () =>
  Promise.all([
    import('@towpath/sources/edit-sources'),
    import('../setup-targets.js'),
    import('../running-addresses.js'),
    import('../operator/change.js'),
  ] as const);

interface AddOptions extends ChangeOptions {
  readonly provider: Provider;
  readonly scheme?: SchemeName;
  readonly secretFile?: string;
  readonly allow: string[];
  readonly proxies?: number;
  readonly rate?: number;
}

function defineAdd(command: Command): void {
  const add = addChangeOptions(command.command('add <name>'))
    .description('Add a source; prints its URL, and its secret once.')
    .addOption(new Option('--provider <name>', 'who writes the bodies').choices(PROVIDER_NAMES).default('platform'))
    .addOption(new Option('--scheme <name>', "how they are signed; default: the provider's own").choices(SCHEME_NAMES))
    .option('--secret-file <file>', 'file with the secret, when the provider made it (- reads standard input)')
    .option(
      '--allow <cidr>',
      'only from these addresses; repeat for more',
      (cidr: string, all: string[]) => [...all, cidr],
      [],
    )
    .option('--proxies <n>', 'proxies in front of ingress that write X-Forwarded-For', wholeNumber)
    .option('--rate <n>', 'deliveries a second at most', wholeNumber)
    .action(async (name: string, options: AddOptions) => {
      const context = contextOf(add);
      const [{ addSource }, { sourceFiles }, { runningAddressesOf }, { change }] = await load();
      const { provider, scheme, secretFile, allow, proxies, rate } = options;
      const given = secretFile === undefined ? undefined : readSecret(secretFile);
      const settings = {
        provider,
        scheme: scheme ?? PROVIDERS[provider].scheme,
        ...(allow.length > 0 && { allow }),
        ...(proxies !== undefined && { proxies }),
        ...(rate !== undefined && { ratePerSecond: rate }),
      };
      const addresses = await runningAddressesOf(context.home);
      const operation = { verb: 'sources add', target: `source ${name}`, before: null, after: settings };
      const made = await change(context, addresses, operation, options, () =>
        addSource(sourceFiles(context.home), name, { ...settings, ...(given !== undefined && { secret: given }) }),
      );
      showSecret(context, addresses.ports.ingress, made, given !== undefined);
    });
}

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('All sources.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listSources }, { sourceFiles }, { addressesOf }] = await Promise.all([
        import('@towpath/sources/edit-sources'),
        import('../setup-targets.js'),
        import('../addresses.js'),
      ]);
      const { ports } = addressesOf(context.home);
      const all = Object.entries(listSources(sourceFiles(context.home)));
      for (const [name, source] of all) {
        const url = urlOf(ports.ingress, `/webhooks/${name}`);
        const state = source.disabled ? context.colors.red('disabled') : context.colors.green('enabled ');
        const previous = source.secretFiles?.previous;
        const overlap = previous ? `  previous secret until ${previous.expiresAt}` : '';
        context.show(
          `${name.padEnd(16)}  ${source.provider.padEnd(8)}  ${source.scheme.padEnd(8)}  ${state}  ${url}${overlap}`,
          { name, url, ...source },
        );
      }
      if (all.length === 0) context.note('no sources yet; add one with `towpath sources add NAME`');
    });
}

function defineRotate(command: Command): void {
  const rotate = addChangeOptions(command.command('rotate <name>'))
    .description('Give a source another secret; the present one goes on verifying for a while.')
    .option('--overlap-hours <n>', 'how long the present secret still verifies', wholeNumber, 24)
    .option('--secret-file <file>', 'file with the new secret, when the provider made it (- reads standard input)')
    .action(async (name: string, options: ChangeOptions & { overlapHours: number; secretFile?: string }) => {
      const context = contextOf(rotate);
      const [{ rotateSource, listSources }, { sourceFiles }, { runningAddressesOf }, { change }] = await load();
      const given = options.secretFile === undefined ? undefined : readSecret(options.secretFile);
      const files = sourceFiles(context.home);
      const addresses = await runningAddressesOf(context.home);
      const operation = {
        verb: 'sources rotate',
        target: `source ${name}`,
        before: { secretFile: listSources(files)[name]?.secretFiles?.current ?? null },
        after: { secretFile: 'a new one', previousVerifiesHours: options.overlapHours },
      };
      const made = await change(context, addresses, operation, options, () =>
        rotateSource(files, name, options.overlapHours * 3_600_000, given),
      );
      showSecret(context, addresses.ports.ingress, made, given !== undefined);
    });
}

function defineSwitch(command: Command, verb: 'disable' | 'enable', description: string): void {
  const one = addChangeOptions(command.command(`${verb} <name>`))
    .description(description)
    .action(async (name: string, options: ChangeOptions) => {
      const context = contextOf(one);
      const [{ setSourceDisabled, listSources }, { sourceFiles }, { runningAddressesOf }, { change }] = await load();
      const files = sourceFiles(context.home);
      if (listSources(files)[name]?.provider === 'operator') throw ownWay(name);
      const operation = {
        verb: `sources ${verb}`,
        target: `source ${name}`,
        before: listSources(files)[name]?.disabled ? 'disabled' : 'enabled',
        after: `${verb}d`,
      };
      await change(context, await runningAddressesOf(context.home), operation, options, () =>
        setSourceDisabled(files, name, verb === 'disable'),
      );
      context.show(`${name} is ${verb}d`, { name, disabled: verb === 'disable' });
    });
}

/** Nobody could record its end, nor ever enable it again. */
function ownWay(name: string): CliError {
  const fix = 'take people their keys by `towpath operators revoke`, or stop ingress';
  return new CliError('OWN_WAY', `people's changes come by the source ${name}; ${fix}.`);
}

/** The secret is shown when it was made here; one that the caller brought is not repeated. */
function showSecret(context: Context, port: number, { name, path, secret }: SecretOnce, given: boolean): void {
  const url = urlOf(port, path);
  const shown = given ? null : secret;
  const text = shown === null ? '' : `\nsecret, shown once: ${shown}`;
  context.show(`${name}: post deliveries to ${url}${text}`, { name, url, secret: shown });
}

function urlOf(port: number, path: string): string {
  return `http://127.0.0.1:${port}${path}`;
}

function readSecret(file: string): string {
  return readFileSync(file === '-' ? 0 : file, 'utf8').trim();
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('give a whole number.');
  return Number(text);
}
