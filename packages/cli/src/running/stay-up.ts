import { join } from 'node:path';
import { loadSources } from '@towpath/sources/load';
import { listSources } from '@towpath/sources/edit-sources';
import { resolvePorts } from '@towpath/stack/ports';
import { addressesAt } from '../addresses.js';
import type { UpOptions } from '../commands/up.js';
import type { Context } from '../context.js';
import { aborted, listenForInterruption } from '../interruption.js';
import { LOCAL_OPERATOR, operatorKeyFile, sourceFilesOf } from '../local/local-sources.js';
import type { LocalPlatform } from '../local/platform.js';
import { repository } from '../repository.js';
import { watch } from '../watch/watch.js';
import { diskUseOf } from './disk-use.js';
import { memoryOf } from './process-memory.js';
import { elapsedMs, progressOf } from './progress.js';
import { readinessLines, readinessOf, urlsOf, type Readiness } from './readiness.js';
import { startInterruptibly } from './start-interruptibly.js';
import { stopProcesses } from './stop-home.js';
import { supervise, supervisedOf, type SupervisionReport } from './supervise.js';
import { claimHome, releaseHome, runningUp } from './up-record.js';

/** Starts the platform of the home, keeps it running and watches it until Ctrl-C; then ends all it started. */
export async function stayUp(context: Context, { stack }: Pick<UpOptions, 'stack'>): Promise<void> {
  const interruption = listenForInterruption();
  try {
    const other = runningUp(context.home);
    if (other) {
      context.note(
        `the platform of ${context.home} runs already (process ${other.pid}); watching it. \`towpath down\` ends it.`,
      );
      return await watch(context, addressesAt(context.home, other.ports), {}, interruption.signal);
    }
    const ports = resolvePorts(process.env);
    await claimHome(context.home, { ports, stack });
    try {
      await runUntilInterrupted(context, ports, interruption.signal);
    } finally {
      await stopProcesses(context.home);
      releaseHome(context.home);
    }
  } finally {
    interruption.dispose();
  }
}

async function runUntilInterrupted(
  context: Context,
  ports: ReturnType<typeof resolvePorts>,
  signal: AbortSignal,
): Promise<void> {
  const progress = progressOf(context);
  const files = sourceFilesOf(context.home);
  const known = new Set(Object.keys(listSources(files)));
  const platform = await startInterruptibly({ home: context.home, ports, onProgress: progress }, signal);
  await showReadiness(context, platform);
  showSources(context, known);
  const supervision = supervise(supervisedOf(platform), signal, (line) => showSupervision(context, line));
  try {
    await watch(context, addressesAt(context.home, ports), {}, signal);
  } catch (error) {
    // Without the watch the platform still works; it says why and stays.
    context.note(`watch ended: ${error instanceof Error ? error.message : String(error)}`);
    await aborted(signal);
  }
  progress('ending everything this command started …');
  await supervision;
  await platform.stop();
  progress('ended');
}

async function showReadiness(context: Context, platform: LocalPlatform): Promise<void> {
  const readyAfterMs = elapsedMs();
  const ready = await measured(context.home, platform, readyAfterMs);
  context.show(['', ...readinessLines(ready)].join('\n'), { ready });
}

/** Measures a running platform, this program included. */
export async function measured(home: string, platform: LocalPlatform, readyAfterMs: number): Promise<Readiness> {
  const services = [...platform.services.values()].flatMap(({ pid }) => pid ?? []);
  return readinessOf({
    readyAfterMs,
    urls: urlsOf(platform, Object.keys(listSources(sourceFilesOf(home)))),
    memoryBytes: memoryOf([process.pid, ...Object.values(platform.stack.pids), ...services]),
    diskBytes: await diskUseOf([
      ...new Set([join(repository, 'node_modules'), join(repository, '.towpath', 'parts'), home]),
    ]),
  });
}

/** A secret is printed once, when it is made; afterwards only where it is kept. */
function showSources(context: Context, known: ReadonlySet<string>): void {
  const files = sourceFilesOf(context.home);
  const loaded = loadSources(files);
  const made = [...loaded.values()].filter(({ name, provider }) => !known.has(name) && provider !== 'operator');
  for (const { name, credentials } of made) {
    const secret = credentials[0]?.text ?? '';
    context.show(`  secret of ${name} (shown once)  ${secret}`, { source: name, secret });
  }
  const operatorKey = operatorKeyFile(context.home, LOCAL_OPERATOR);
  context.show(`  secrets are kept in ${files.secretsDir}, the key of operator ${LOCAL_OPERATOR} in ${operatorKey}\n`, {
    secretsDir: files.secretsDir,
    operatorKey,
  });
}

function showSupervision({ json, colors, show }: Context, { name, step, detail }: SupervisionReport): void {
  const paint = step === 'restarted' ? colors.yellow : colors.red;
  show(json ? '' : paint(`! ${name} ${step}: ${detail}`), { supervision: { name, step, detail } });
}
