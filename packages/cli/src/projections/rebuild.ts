import { openInspector } from '@towpath/event-store/inspect';
import { schemaOf } from '@towpath/event-store/names';
import type { RebuildProgress, Rebuilt } from '@towpath/event-store/rebuild/rebuild-types';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { callProgram } from '../history/service-program.js';
import { stateChanges } from '../history/state-changes.js';
import { changeText } from '../history/step-text.js';
import { databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { recorded } from '../operator/record-operation.js';
import { maskedData } from '../reveal/mask.js';
import { declaredProjections, projectionCalled, type Declared } from './find.js';

export interface RebuildOptions extends ChangeOptions {
  readonly service?: string;
  readonly dryRun?: boolean;
}

/**
 * Compares projections, all that are asked for, with a replay of their events and changes nothing. The exit code is 1 when one differs
 * that no archived event may have had a part in.
 */
export async function checkProjections(
  context: Context,
  addresses: Addresses,
  asked: { readonly name?: string; readonly service?: string },
  signal: AbortSignal,
): Promise<void> {
  const { name, service } = asked;
  const declared = name === undefined ? await declaredProjections(service) : [await projectionCalled(name, service)];
  for (const one of declared) {
    const found = await runRebuild(context, addresses, one, { dryRun: true, signal });
    showRebuilt(context, one, found);
    if (found.different > 0 && found.leftOut === 0) process.exitCode = 1;
  }
}

/**
 * Rebuilds a projection beside the live one and swaps in what differs, recorded with who and why before and after. With a dry run
 * the same as `checkProjections` for it. Throws REBUILD_RUNNING, REBUILD_CANCELLED, REBUILD_OUTRUN, FOLD_FAILED.
 */
export async function rebuildProjection(
  context: Context,
  addresses: Addresses,
  name: string,
  { service, dryRun, reason, ...signer }: RebuildOptions,
  signal: AbortSignal,
): Promise<void> {
  const one = await projectionCalled(name, service);
  if (dryRun) return checkProjections(context, addresses, one, signal);
  const before = { rows: await liveRows(addresses, one) };
  context.note(`projections rebuild ${one.service}/${name}: ${before.rows} rows → what a replay of its events gives`);
  const operation = { verb: 'projections rebuild', target: `${one.service}/${name}`, before, reason };
  const rebuilt = await recorded(addresses, operation, signer, async () => {
    const result = await runRebuild(context, addresses, one, { dryRun: false, signal });
    const { replayedRows: rows, different, swapped, events } = result;
    return { result, after: { rows, different, swapped, events } };
  });
  showRebuilt(context, one, rebuilt);
}

async function liveRows(addresses: Addresses, { service, name }: Declared): Promise<number> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const text = `select count(*) as rows from ${schemaOf(service)}.projections where name = $1`;
    const [row] = await inspector.query<{ rows: string }>(text, [name]);
    return Number(row?.rows);
  } finally {
    await inspector.close();
  }
}

/** The service's own program does it, with the service's role. */
async function runRebuild(
  context: Context,
  addresses: Addresses,
  { service, name }: Declared,
  { dryRun, signal }: { readonly dryRun: boolean; readonly signal: AbortSignal },
): Promise<Rebuilt> {
  const words = ['rebuild', name, ...(dryRun ? ['--dry-run'] : [])];
  const environment = { DATABASE_URL: databaseUrl(addresses, `${schemaOf(service)}_service`) };
  let toldAt = performance.now();
  let rebuilt: Rebuilt | undefined;
  for await (const answer of callProgram(service, words, { environment, signal })) {
    if (isRebuilt(answer)) ({ rebuilt } = answer);
    else if (performance.now() - toldAt >= TELL_MS) {
      toldAt = performance.now();
      context.note(`${service}/${name}: ${progressText(answer as RebuildProgress)}`);
    }
  }
  return rebuilt!;
}

const TELL_MS = 1_000;

function isRebuilt(answer: unknown): answer is { readonly rebuilt: Rebuilt } {
  return 'rebuilt' in (answer as object);
}

function progressText(progress: RebuildProgress): string {
  if (progress.phase === 'compare') return `compared ${progress.rows} rows`;
  return `replayed ${progress.events} events, at position ${progress.position} of ${progress.target}`;
}

function showRebuilt(context: Context, one: Declared, rebuilt: Rebuilt): void {
  const { colors } = context;
  const { liveRows: rows, replayedRows, different, events, swapped, swapMs, position, leftOut } = rebuilt;
  const title = `${colors.bold(`${one.service}/${one.name}`)}  ${rows} rows, ${replayedRows} by a replay of ${events} events as of position ${position}`;
  const verdict =
    different === 0
      ? colors.green('  equal')
      : colors.red(`  ${different} rows differ${swapped === null ? '' : `; ${swapped} swapped in ${swapMs} ms`}`);
  const archived =
    leftOut === 0
      ? []
      : [colors.dim(`  ${leftOut} archived events are left out of the replay: rows of them may differ`)];
  const examples = rebuilt.examples.flatMap(({ key, live, replayed }) => [
    `  ${key}`,
    ...stateChanges(live, replayed).map((change) => changeText(change, colors)),
  ]);
  context.show([title, verdict, ...archived, ...examples].join('\n'), {
    ...one,
    ...rebuilt,
    examples: rebuilt.examples.map((example) => maskedData('', example)),
  });
}
