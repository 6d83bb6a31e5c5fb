import { spawn } from 'node:child_process';
import { constants } from 'node:os';

let current;
const began = performance.now();

for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, () => {
    // A terminal sends Ctrl-C to the whole group by itself; a second one would cut the child's orderly end short.
    if (name === 'SIGINT' && process.stdin.isTTY) return;
    current?.kill(name);
  });
}

/** Prints one line of progress with the seconds since the start. */
export function report(line) {
  const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`[${seconds} s] ${line}\n`);
}

/**
 * Runs a program to its end with this terminal; signals are passed on.
 * @param {string} program
 * @param {readonly string[]} options
 * @param {{ env?: NodeJS.ProcessEnv, onMessage?: (message: unknown) => void }} [settings] `onMessage` opens a channel to the program
 * @returns {Promise<number>} its exit code; 128 + n after signal n
 */
export function run(program, options, { env = process.env, onMessage } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = onMessage ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit';
    current = spawn(program, options, { env, stdio });
    if (onMessage) current.on('message', onMessage);
    current.once('error', reject);
    current.once('exit', (code, signal) => {
      current = undefined;
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}
