import type { EventStore } from '@towpath/event-store/types';
import { reviewCases } from './review-case.js';

/** Something that happened to a case, as its store has it: personal data are ciphertext. */
export interface TailEvent {
  readonly position: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly occurred_at: Date;
  readonly version: string;
}

/**
 * Events of cases after a position, oldest first. Positions are given out before their transactions end, so a younger one may be seen first: what
 * is younger than a transaction that still runs waits for it, at most 10 s.
 */
export function readTail(store: Pick<EventStore, 'query'>, after: string, limit: number): Promise<TailEvent[]> {
  return store.query<TailEvent>(
    'case_tail',
    `select position::text as position, type, data, occurred_at, version::text as version from events
      where position > $1::bigint and stream like '${reviewCases.stream}-%'
        and (occurred_at < now() - interval '10 seconds'
          or xmin::text::bigint < (pg_snapshot_xmin(pg_current_snapshot())::text::bigint & 4294967295))
      order by position limit $2`,
    [after, limit],
  );
}

/** Where the events end now. */
export async function readEnd(store: Pick<EventStore, 'query'>): Promise<string> {
  const [row] = await store.query<{ position: string }>(
    'case_tail_end',
    'select coalesce(max(position), 0)::text as position from events',
    [],
  );
  return row?.position ?? '0';
}
