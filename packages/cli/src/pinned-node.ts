import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { repository } from './repository.js';

const MAJOR_MIN = 24;

/** Whether this program needs another Node than the one that `npx` found on the host. */
export function isOldNode(version: string): boolean {
  return Number.parseInt(version, 10) < MAJOR_MIN;
}

/** Runs the same words with the Node that the repository pins; answers the exit code. Signals are passed on. */
export function handOver(words: readonly string[]): Promise<number> {
  const node = join(repository, 'node_modules', '.bin', 'node');
  if (!existsSync(node)) {
    process.stderr.write(
      `NODE_TOO_OLD: this is Node ${process.versions.node}; run \`npm ci\`, which brings Node 24.\n`,
    );
    return Promise.resolve(1);
  }
  return new Promise((resolve, reject) => {
    const child = spawn(node, [process.argv[1] ?? '', ...words], { stdio: 'inherit' });
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(name, () => {
        // A terminal sends Ctrl-C to the whole group by itself.
        if (name !== 'SIGINT' || !process.stdin.isTTY) child.kill(name);
      });
    }
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
}
