import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import { startPlatform, type LocalPlatform, type PlatformOptions } from '../local/platform.js';
import { processTable, withDescendants } from './process-memory.js';
import { stopProcesses } from './stop-home.js';

const GIVE_UP_MS = 15_000;

/** Starts the platform; an abort ends what was begun, and leaves nothing of it. Throws INTERRUPTED then. */
export async function startInterruptibly(
  options: PlatformOptions & { readonly home: string },
  signal: AbortSignal,
): Promise<LocalPlatform> {
  let settled = false;
  const starting = startPlatform(options).finally(() => (settled = true));
  starting.catch(() => undefined);
  const interrupted = new Promise<'interrupted'>((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
  const first = await Promise.race([starting, interrupted]);
  if (first !== 'interrupted') return first;
  const deadline = performance.now() + GIVE_UP_MS;
  // What is not yet started when this looks is started afterwards: again, until nothing more can come.
  while (!settled && performance.now() < deadline) {
    endDownloads();
    await stopProcesses(options.home);
    await Promise.race([delay(200), starting.catch(() => undefined)]);
  }
  await stopProcesses(options.home);
  throw new CliError('INTERRUPTED', 'stopped while starting; what was started is ended.');
}

/**
 * Package clients that fetch the stack's parts share this process's session, unlike what the platform runs, which is ended by
 * its pidfiles.
 */
function endDownloads(): void {
  const table = processTable();
  const own = table.find(({ pid }) => pid === process.pid)?.session;
  for (const pid of withDescendants([process.pid], table)) {
    const { session } = table.find((entry) => entry.pid === pid) ?? {};
    if (pid === process.pid || session !== own) continue;
    try {
      process.kill(pid, 'SIGTERM');
    } catch {
      // ended meanwhile
    }
  }
}
