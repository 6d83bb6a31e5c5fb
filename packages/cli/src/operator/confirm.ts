import { createInterface } from 'node:readline/promises';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';

/**
 * Asks the person at the terminal before something changes, unless `--yes` said so already. Throws CONFIRMATION_NEEDED when the
 * answer is not yes, or when there is nobody to ask.
 * @param what such as `redrive 12`
 */
export async function confirm({ json }: Context, what: string, { yes }: { readonly yes?: boolean }): Promise<void> {
  if (yes) return;
  if (json || !process.stdin.isTTY) {
    throw new CliError('CONFIRMATION_NEEDED', `${what} changes things; add --yes, or --dry-run to look only.`);
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${what}? [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('CONFIRMATION_NEEDED', 'nothing was sent.');
  } finally {
    prompt.close();
  }
}
