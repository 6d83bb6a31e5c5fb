import type { Connections } from './connection.js';
import { textArray } from './literals.js';
import type { EventStore } from './types.js';

/** For so many days there is a partition ahead. */
export const INBOX_AHEAD_DAYS = 7;

/**
 * How long an inbox knows every message by its id. Longer than any finite topic (30 d) and any provider's retry schedule, which a
 * service checks when it starts; for older messages of topics that are kept for ever there are marks.
 */
export const INBOX_KEEP_DAYS = 45;

/** The store's look at its marks. */
export function inboxOf(connections: Connections, schema: string): Pick<EventStore, 'inboxMarks'> {
  const marks = {
    name: 'inbox_marks',
    text: `select m.mark, m.sequence from unnest($2::text[]) as q(mark)
      cross join lateral (select * from ${schema}.inbox_marks n where n.consumer = $1 and n.mark = q.mark offset 0) m`,
  };
  return {
    async inboxMarks(consumer, keys) {
      const rows = await connections.run(marks, [consumer, textArray([...new Set(keys)])]);
      return new Map(rows.map((row) => [row[0]!, Number(row[1])]));
    },
  };
}
