import { readFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { SecretOnce } from '@towpath/sources/edit-sources';
import { contextOf, type Context } from '../context.js';
import { examples } from '../examples.js';

export function define(command: Command): void {
  defineAdd(command);
  defineList(command);
  defineRotate(command);
  defineSwitch(command, 'disable', 'Stop taking deliveries of a source.');
  defineSwitch(command, 'enable', 'Take deliveries of a source again.');
  command.addHelpText(
    'after',
    examples(
      'sources add shop --provider stripe --scheme stripe --secret-file whsec.txt',
      'sources add ci --provider platform --scheme standard --allow 10.0.0.0/8',
      'sources list --json',
      'sources rotate ci --overlap-hours 24',
      'sources disable ci',
    ),
  );
}

const load = () =>
  Promise.all([
    import('@towpath/sources/edit-sources'),
    import('../setup-targets.js'),
    import('../addresses.js'),
  ] as const);

interface AddOptions {
  readonly provider: 'stripe' | 'platform' | 'operator';
  readonly scheme: 'stripe' | 'standard';
  readonly secretFile?: string;
  readonly allow: string[];
  readonly proxies?: number;
  readonly rate?: number;
}

function defineAdd(command: Command): void {
  const add = command
    .command('add <name>')
    .description('Add a source; prints its URL, and its secret once.')
    .addOption(
      new Option('--provider <name>', 'who writes the bodies')
        .choices(['stripe', 'platform', 'operator'])
        .default('platform'),
    )
    .addOption(new Option('--scheme <name>', 'how they are signed').choices(['stripe', 'standard']).default('standard'))
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
      const [{ addSource }, { sourceFiles }, { addressesOf }] = await load();
      const { provider, scheme, secretFile, allow, proxies, rate } = options;
      const given = secretFile === undefined ? undefined : readSecret(secretFile);
      const made = addSource(sourceFiles(context.home), name, {
        provider,
        scheme,
        ...(given !== undefined && { secret: given }),
        ...(allow.length > 0 && { allow }),
        ...(proxies !== undefined && { proxies }),
        ...(rate !== undefined && { ratePerSecond: rate }),
      });
      showSecret(context, addressesOf(context.home).ports.ingress, made, given !== undefined);
    });
}

function defineList(command: Command): void {
  const list = command
    .command('list')
    .description('All sources.')
    .action(async () => {
      const context = contextOf(list);
      const [{ listSources }, { sourceFiles }, { addressesOf }] = await load();
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
  const rotate = command
    .command('rotate <name>')
    .description('Give a source another secret; the present one goes on verifying for a while.')
    .option('--overlap-hours <n>', 'how long the present secret still verifies', wholeNumber, 24)
    .option('--secret-file <file>', 'file with the new secret, when the provider made it (- reads standard input)')
    .action(async (name: string, options: { overlapHours: number; secretFile?: string }) => {
      const context = contextOf(rotate);
      const [{ rotateSource }, { sourceFiles }, { addressesOf }] = await load();
      const given = options.secretFile === undefined ? undefined : readSecret(options.secretFile);
      const made = rotateSource(sourceFiles(context.home), name, options.overlapHours * 3_600_000, given);
      showSecret(context, addressesOf(context.home).ports.ingress, made, given !== undefined);
    });
}

function defineSwitch(command: Command, verb: 'disable' | 'enable', description: string): void {
  const change = command
    .command(`${verb} <name>`)
    .description(description)
    .action(async (name: string) => {
      const context = contextOf(change);
      const [{ setSourceDisabled }, { sourceFiles }] = await load();
      setSourceDisabled(sourceFiles(context.home), name, verb === 'disable');
      context.show(`${name} is ${verb}d`, { name, disabled: verb === 'disable' });
    });
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
