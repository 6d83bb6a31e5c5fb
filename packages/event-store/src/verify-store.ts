import pg from 'pg';
import { isExact } from './exact-text.js';
import { bytesOf, eventColumns, storedEventOf } from './rows.js';
import type { TextRows } from './text-rows.js';
import { StreamChain, type ChainedEvent, type Mismatch } from './verify.js';

const rowsPerRead = 2_000;

/** A row as its chain sees it. */
export interface StoredRow extends ChainedEvent {
  readonly position: string;
  readonly xact: string;
}

/** Every stream of a store, or one; mismatches as they are found. */
export async function* chainMismatches(
  rows: TextRows,
  asked: { readonly schema: string; readonly stream?: string },
): AsyncGenerator<Mismatch> {
  for await (const { mismatch } of chainedRows(rows, asked)) if (mismatch) yield mismatch;
}

/** Every row of a store, or of one stream, by stream and version, with what its chain says of it. Memory: one page. */
export async function* chainedRows(
  rows: TextRows,
  asked: { readonly schema: string; readonly stream?: string },
): AsyncGenerator<{ readonly row: StoredRow; readonly mismatch: Mismatch | undefined }> {
  const schema = pg.escapeIdentifier(asked.schema);
  const kinds = new Map((await rows(`select type, kind from ${schema}.emits`, [])).map((row) => [row[0]!, row[1]!]));
  let chain: StreamChain | undefined;
  for await (const row of pages(rows, schema, asked.stream)) {
    if (chain?.stream !== row.stream) chain = new StreamChain(row.stream, kinds);
    yield { row, mismatch: chain.next(row) };
  }
}

async function* pages(rows: TextRows, schema: string, stream: string | undefined): AsyncGenerator<StoredRow> {
  // The least bigint: a version moved below 1 is not to hide.
  let after: readonly (string | number)[] = [stream ?? '', '-9223372036854775808'];
  for (;;) {
    const found = await rows(
      `select ${eventColumns('e')}, e.digest, e.xact from ${schema}.events e where (e.stream, e.version) > ($1, $2)
       and e.stream = coalesce($3, e.stream) order by e.stream, e.version limit ${rowsPerRead}`,
      [...after, stream ?? null],
    );
    for (const row of found) yield storedRowOf(row);
    const last = found.at(-1);
    if (!last || found.length < rowsPerRead) return;
    after = [last[1]!, last[2]!];
  }
}

function storedRowOf(row: readonly (string | null)[]): StoredRow {
  const inexact = !isExact({ data: row[6] ?? '', metadata: row[7] ?? '', occurredAt: row[9] ?? '' });
  return { ...storedEventOf(row), digest: bytesOf(row[10]!), xact: row[11]!, inexact };
}
