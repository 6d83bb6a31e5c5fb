import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command, fetchPart } from '../downloads.js';
import { StackError } from '../stack-error.js';

/**
 * The program that checks alert rules: the host's, else the one in Debian's package of Prometheus, fetched with the host's own
 * settings and unpacked without installing it. @param parts folder of the fetched programs
 * @throws StackError FETCH_FAILED
 */
export async function promtool(parts: string): Promise<string> {
  if (await runs('promtool')) return 'promtool';
  try {
    return join(await fetchPart(parts, 'promtool', unpackPackage), 'usr', 'bin', 'promtool');
  } catch (error) {
    const fix =
      'Put promtool on the PATH: it comes with Prometheus (apt-get install prometheus, brew install prometheus).';
    throw new StackError('FETCH_FAILED', `${(error as Error).message} ${fix}`);
  }
}

async function unpackPackage(folder: string): Promise<void> {
  await command('apt-get', ['download', '--quiet', 'prometheus'], folder);
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? 'missing.deb';
  await command('dpkg-deb', ['-x', archive, '.'], folder);
  const unneeded = [archive, 'etc', 'lib', 'usr/share', join('usr', 'bin', 'prometheus')];
  for (const path of unneeded) rmSync(join(folder, path), { recursive: true, force: true });
}

async function runs(program: string): Promise<boolean> {
  return command(program, ['--version'], process.cwd()).then(
    () => true,
    () => false,
  );
}
