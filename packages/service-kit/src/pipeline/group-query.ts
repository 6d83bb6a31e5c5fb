import type { GroupQuery, RowRef } from '@towpath/event-store/types';
import { inboxIdsOf } from './drop-repeats.js';
import type { Item } from './item.js';

/** What one read of a group asks for, and which of its streams are opened. */
export function queryOf(items: readonly Item[], consumer: string): GroupQuery & { readonly opens: readonly string[] } {
  const streams = new Set<string>();
  const opens = new Set<string>();
  const rows = new Map<string, RowRef>();
  for (const item of items) {
    if (item.refusal) continue;
    const reads = readsOf(item);
    for (const stream of reads?.streams ?? []) streams.add(stream);
    for (const stream of reads?.opens ?? []) opens.add(stream);
    for (const row of reads?.rows ?? []) rows.set(`${row.name}\u0000${row.key}`, row);
  }
  const orderKeys = [...new Set(items.filter(({ caller, held }) => !caller && !held).map(({ orderKey }) => orderKey))];
  return {
    ...{ consumer, ids: items.flatMap(inboxIdsOf), rows: [...rows.values()], orderKeys, opens: [...opens] },
    streams: [...streams.union(opens)],
  };
}

/** A handler whose `reads` throws fails in `handle` again, where it is dealt with. */
function readsOf(item: Item) {
  try {
    return item.handler.instance.reads?.(item.message);
  } catch (error) {
    item.refusal = { code: 'READS_FAILED', message: String(error), stack: null, permanent: true };
    return undefined;
  }
}
