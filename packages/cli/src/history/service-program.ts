import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CliError } from '../cli-error.js';
import { repository } from '../repository.js';

/** What a service's program says of its folds. */
export interface Described {
  readonly service: string;
  readonly streams: readonly string[];
  readonly projections: readonly string[];
}

export interface ProgramOptions {
  /** lines for its standard input */
  readonly input?: AsyncIterable<string> | Iterable<string>;
  /** what it is told besides PATH: nothing for a fold, which needs no address and no credential */
  readonly environment?: NodeJS.ProcessEnv;
  /** ends it as Ctrl-C does */
  readonly signal?: AbortSignal;
}

/**
 * Calls the program of a service with a word, such as `fold`, and yields what it answers, a JSON object a line. Folds are the
 * service's code; so they run there, in a process of their own. Throws what the program says, or SERVICE_PROGRAM_FAILED.
 */
export async function* callProgram(
  service: string,
  words: readonly string[],
  options: ProgramOptions = {},
): AsyncGenerator<unknown> {
  const { input = [], environment = {}, signal } = options;
  const child = spawn(
    join(repository, 'node_modules', '.bin', 'node'),
    ['--enable-source-maps', join(repository, 'apps', service, 'dist', 'main.js'), ...words],
    { cwd: repository, env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment }, stdio: 'pipe' },
  );
  const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  const interrupt = (): void => void child.kill('SIGINT');
  signal?.addEventListener('abort', interrupt, { once: true });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-4_000)));
  // A program that fails stops reading; why, it says itself.
  const feeding = pipeline(Readable.from(input), child.stdin).catch((error: unknown) => error);
  try {
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) yield JSON.parse(line);
    const code = await ended;
    if (code !== 0) throw failureIn(complaint, service, code);
    const unfed = await feeding;
    if (unfed instanceof Error) throw unfed;
  } finally {
    signal?.removeEventListener('abort', interrupt);
    child.kill('SIGINT');
  }
}

/** What the service folds, by name. */
export async function describeService(service: string): Promise<Described> {
  for await (const answer of callProgram(service, ['describe'])) return answer as Described;
  throw new CliError(
    'SERVICE_PROGRAM_FAILED',
    `the program of ${service} answers nothing; build it with \`npm run build\`.`,
  );
}

function failureIn(complaint: string, service: string, code: number | null): CliError {
  const last = complaint.trim().split('\n').at(-1) ?? '';
  try {
    const { code: said, message } = JSON.parse(last) as { code: string; message: string };
    return new CliError(said, message.replace(`${said}: `, ''));
  } catch {
    const why = complaint.trim().split('\n')[0] || `exit code ${code}`;
    return new CliError(
      'SERVICE_PROGRAM_FAILED',
      `the program of ${service} ended: ${why}; build it with \`npm run build\`.`,
    );
  }
}
