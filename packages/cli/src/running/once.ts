import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { resolvePorts } from '@towpath/stack/ports';
import type { UpOptions } from '../commands/up.js';
import type { Context } from '../context.js';
import { listenForInterruption } from '../interruption.js';
import type { LocalPlatform } from '../local/platform.js';
import { SANDBOX_ONLY } from '../local/service-environment.js';
import { elapsedMs, progressOf } from './progress.js';
import { readinessLines } from './readiness.js';
import { startInterruptibly } from './start-interruptibly.js';
import { measured } from './stay-up.js';
import { deleteData, onceHome, stopHome, stopProcesses } from './stop-home.js';
import { claimHome, releaseHome } from './up-record.js';

interface Demo {
  runDemo(
    platform: LocalPlatform,
    options: { json: boolean; write(line: string): void; signal: AbortSignal },
  ): Promise<{ ok: boolean }>;
}

/**
 * Runs the demo from an empty home to its report and ends everything; answers whether all was as it should be. A home that the
 * caller names is used as it is and stays; of the own one only the logs of a run that failed are kept.
 */
export async function once(context: Context, { stack }: Pick<UpOptions, 'stack'>): Promise<boolean> {
  const interruption = listenForInterruption();
  const home = context.homeGiven ? context.home : onceHome(context.home);
  const ports = resolvePorts(process.env);
  const progress = progressOf(context);
  let ok = false;
  await claimHome(home, { ports, stack });
  try {
    if (!context.homeGiven) {
      // A run that was killed may have left processes.
      await stopProcesses(home);
      await deleteData(home, { settings: true, keepRun: true });
    }
    ok = await demo(context, home, interruption.signal, progress);
  } finally {
    await endAndDelete(context, home, ok, progress);
    interruption.dispose();
  }
  return ok;
}

async function demo(
  context: Context,
  home: string,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<boolean> {
  const platform = await startInterruptibly(
    { home, ports: resolvePorts(process.env), environment: SANDBOX_ONLY, onProgress: progress },
    signal,
  );
  const ready = await measured(home, platform, elapsedMs());
  if (context.json) context.show('', { ready });
  else for (const line of readinessLines(ready).slice(-1)) progress(line);
  const { runDemo } = (await import(new URL('../demo/run-demo.js', import.meta.url).href)) as Demo;
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const { ok } = await runDemo(platform, { json: context.json, write, signal });
  return ok && !signal.aborted;
}

async function endAndDelete(
  context: Context,
  home: string,
  ok: boolean,
  progress: (line: string) => void,
): Promise<void> {
  await stopHome(home);
  releaseHome(home);
  if (context.homeGiven) return;
  await deleteData(home, { settings: true, keepLogs: !ok });
  if (ok) rmSync(home, { recursive: true, force: true });
  else if (existsSync(join(home, 'logs'))) progress(`the logs of this run are kept in ${join(home, 'logs')}`);
}
