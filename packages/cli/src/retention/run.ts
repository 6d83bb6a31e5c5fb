import { openArchivist } from '@towpath/event-store/archive/archivist';
import { runRetention, type StoreRetention } from '@towpath/event-store/archive/retention-run';
import type { StoreState } from '@towpath/event-store/archive/retention-state';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { archiveFolder, databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { recorded, type Acted } from '../operator/record-operation.js';
import { sizeText, statesOf } from './status.js';

export interface RunOptions extends ChangeOptions {
  readonly service?: string;
  /** the archive's folder; default that of the home */
  readonly archiveDir?: string;
  /** shows what is due and changes nothing */
  readonly dryRun?: boolean;
}

/**
 * Does now what the relay does once an hour, with who asked and why on record. An abort ends it between two files; the next run
 * goes on. Throws SERVICE_UNKNOWN, CONTENT_CHANGED when events stay because they are not what was appended, INTERRUPTED.
 */
export async function run(
  context: Context,
  addresses: Addresses,
  { service, archiveDir, dryRun, ...options }: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  const states = await statesOf(addresses, service);
  for (const state of states) context.note(`${state.service}  ${dueText(state)}`);
  if (dryRun) return showDue(context, states);
  const operation = {
    verb: 'retention run',
    target: service === undefined ? 'every store' : `store of ${service}`,
    before: Object.fromEntries(states.map((state) => [state.service, { due: dueOf(state) }])),
    after: Object.fromEntries(states.map((state) => [state.service, { due: 0 }])),
    reason: options.reason,
  };
  const folder = archiveDir ?? archiveFolder(addresses.home);
  const done = await recorded(addresses, operation, options, () =>
    act(context, addresses, { service, folder }, signal),
  );
  for (const store of done) context.show(doneText(store), store);
  refuseSilence(done, signal);
}

interface Act {
  readonly service: string | undefined;
  readonly folder: string;
}

async function act(
  context: Context,
  addresses: Addresses,
  { service, folder }: Act,
  signal: AbortSignal,
): Promise<Acted<StoreRetention[]>> {
  const archivist = openArchivist({ url: databaseUrl(addresses, 'towpath_archivist') });
  try {
    const result = await runRetention(archivist, {
      folder,
      signal,
      ...(service !== undefined && { services: [service] }),
      onBatch: (store, archived) => context.note(`${store.service}  ${archived} archived`),
    });
    const after = Object.fromEntries(
      result.map(({ service: name, archived, partitionsDropped }) => [name, { archived, partitionsDropped }]),
    );
    return { result, after };
  } finally {
    await archivist.close();
  }
}

function showDue(context: Context, states: readonly StoreState[]): void {
  const due = states.map((state) => ({ service: state.service, due: dueOf(state), nextDrop: state.inbox.nextDrop }));
  context.show('a dry run: nothing is changed', { dryRun: true, due });
}

function dueOf({ types }: StoreState): number {
  return types.reduce((sum, { due }) => sum + due, 0);
}

function dueText(state: StoreState): string {
  return `${dueOf(state)} events are past their time, next inbox partition goes on ${state.inbox.nextDrop ?? '-'}`;
}

function doneText({ service, busy, archived, files, bytes, partitionsDropped }: StoreRetention): string {
  if (busy) return `${service}  another process is at it`;
  return `${service}  ${archived} events in ${files} files (${sizeText(bytes)}), ${partitionsDropped} inbox partitions dropped`;
}

function refuseSilence(done: readonly StoreRetention[], signal: AbortSignal): void {
  const changed = done.flatMap(({ service, unsound }) => unsound.map((id) => `${id} of ${service}`));
  if (changed.length > 0) {
    throw new CliError(
      'CONTENT_CHANGED',
      `${changed.length} events stay in their store because they are not what was appended: ${changed.slice(0, 5).join(', ')}. Run \`towpath verify\`.`,
    );
  }
  if (signal.aborted) throw new CliError('INTERRUPTED', 'not everything that is due went; the next run goes on.');
}
