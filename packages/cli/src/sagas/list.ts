import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import type { Colors, Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { harmless } from '../readable.js';
import { seconds } from './seconds.js';
import { sagaRows, type SagaFilter, type SagaRow, type SagaState } from './saga-rows.js';

/** Shows sagas, newest first. */
export async function listSagas(
  context: Context,
  addresses: Addresses,
  filter: SagaFilter,
  limit: number,
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const rows = await sagaRows(inspector, filter, limit);
    for (const row of rows) context.show(harmless(sagaLine(row, context.colors, new Date())), row);
    if (rows.length === 0) context.note('no such sagas');
    else if (rows.length === limit) context.note(`only the newest ${limit}; raise --limit for more`);
  } finally {
    await inspector.close();
  }
}

/** One saga in one line: which it is, how it stands, where, for how long. */
export function sagaLine(row: SagaRow, colors: Colors, now: Date): string {
  const { sagaId, definition, version, key, state, at, reason, stuck, startedAt, changedAt } = row;
  const age = `begun ${seconds(now.getTime() - startedAt.getTime())} ago`;
  const quiet = `changed ${seconds(now.getTime() - changedAt.getTime())} ago`;
  const why = reason === null ? '' : `  ${reason}`;
  return [
    `${sagaId}  ${definition} ${version}  ${colors.bold(key)}  ${paintOf(state, colors)(state)}`,
    ...(stuck ? [colors.red('stuck')] : []),
    `${at ?? 'nothing begun'}${why}`,
    colors.dim(`${age}, ${quiet}`),
  ].join('  ');
}

/** The colour of a state: green and dim are ends, yellow waits for somebody. */
export function paintOf(state: SagaState, colors: Colors): (text: string) => string {
  return {
    ...{ running: colors.cyan, finishing: colors.cyan, compensating: colors.yellow, paused: colors.yellow },
    ...{ completed: colors.green, compensated: colors.dim, needs_human: colors.red },
  }[state];
}
