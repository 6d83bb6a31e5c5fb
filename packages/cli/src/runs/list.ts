import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import type { Colors, Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import { runRows, type RunFilter, type RunRow } from './run-rows.js';

/** Shows runs of agents, newest first; never what they saw. */
export async function listRuns(
  context: Context,
  addresses: Addresses,
  filter: RunFilter,
  limit: number,
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const rows = await runRows(inspector, filter, limit);
    for (const row of rows) context.show(runLine(row, context.colors), row);
    if (rows.length === 0) context.note('no such runs');
    else if (rows.length === limit) context.note(`only the newest ${limit}; raise --limit for more`);
  } finally {
    await inspector.close();
  }
}

/** One run in one line: which it is, how it stands, what it took. */
export function runLine(row: RunRow, colors: Colors): string {
  const paint = {
    running: colors.cyan,
    decided: colors.green,
    needs_human: colors.yellow,
    canceled: colors.dim,
    failed: colors.red,
    'given-up': colors.red,
  }[row.status];
  const by = row.decidedBy === null ? '' : ` by ${row.decidedBy}`;
  const again = row.attempts > 1 ? `, attempt ${row.attempts}` : '';
  const letter = row.deadLetterId === null ? '' : `  dead letter ${row.deadLetterId}`;
  return (
    `${row.runId}  ${row.service.padEnd(8)}  ${row.agent} ${row.agentVersion}  ${paint(row.status)}${by}  ` +
    `${row.steps} steps${again}  ${row.tokens} tokens  ${dollars(row.costMicros)}${letter}  ${colors.dim(row.correlationId)}`
  );
}

/** `$0.0012` of 1,200 millionths. */
export function dollars(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(4)}`;
}
