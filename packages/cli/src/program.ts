import { Command, CommanderError } from 'commander';
import { verbs, type Verb } from './command-table.js';
import { CliError, UsageError } from './cli-error.js';
import { errorLine, failureOf } from './error-line.js';

/** Options that take the next word as their value and may stand before the verb. */
const VALUE_OPTIONS = new Set(['--home']);

/** Runs one command line to its end; answers the exit code: 0, 1 for a failure, 2 for a wrong command line, others as the verb says. */
export async function run(words: readonly string[]): Promise<number> {
  try {
    const program = await buildProgram(words);
    await program.parseAsync(words, { from: 'user' });
    // A verb that found something wrong, such as `doctor`, has said so itself.
    return Number(process.exitCode ?? 0);
  } catch (error) {
    return report(error, words.includes('--json'));
  }
}

/** The program with all verbs, of which only the one in `words` has its options: the others stay unloaded. */
export async function buildProgram(words: readonly string[]): Promise<Command> {
  const program = new Command('towpath')
    .description('Signed webhooks become decisions and effects; this looks at them and runs the local platform.')
    .option('--home <dir>', 'folder of the platform (default: .towpath in the repository, or TOWPATH_HOME)')
    .option('--json', 'machine-readable output: one JSON object a line')
    .addHelpText('after', overview);
  silence(program);
  const chosen = chosenVerb(words);
  for (const verb of verbs) {
    const command = program
      .command(verb.name)
      .summary(verb.summary)
      .description(`${capitalised(verb.summary)}.`);
    if (verb === chosen) (await verb.load()).define(command);
    silenceAll(command);
  }
  if (words.length === 0) program.action(() => program.outputHelp());
  return program;
}

/** The verb that the words name, also behind `help` and global options. */
export function chosenVerb(words: readonly string[]): Verb | undefined {
  let skipNext = false;
  for (const word of words) {
    const skipped = skipNext || word.startsWith('-') || word === 'help';
    skipNext = !skipNext && VALUE_OPTIONS.has(word);
    if (!skipped) return verbs.find(({ name }) => name === word);
  }
  return undefined;
}

function silenceAll(command: Command): void {
  silence(command);
  for (const child of command.commands) silenceAll(child);
}

/** Errors are thrown rather than printed, so that they all look the same. */
function silence(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
}

function report(error: unknown, json: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    return report(new UsageError(`${withoutPrefix(error.message)}; see \`towpath --help\`.`), json);
  }
  process.stderr.write(`${json ? JSON.stringify({ error: failureOf(error) }) : errorLine(error)}\n`);
  if (process.env['TOWPATH_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return error instanceof CliError ? error.exitCode : 1;
}

function withoutPrefix(message: string): string {
  return message.replace(/^error: /, '').replace(/\.$/, '');
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

const overview = `
Examples:
  $ towpath up                                       start everything, then watch it
  $ towpath trigger stripe charge.succeeded          send a signed delivery and see its decision
  $ towpath trace pi_123                             what happened to a payment, from webhook to effect
  $ towpath topics tail payments.events --follow     decoded records as they arrive
  $ towpath <verb> --help                            options and examples of a verb
`;
