import { CaseClosed } from '@towpath/contracts/console/CaseClosed.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { EventStore } from '@towpath/event-store/types';
import type { ReviewCase } from './case-state.js';
import { reviewCases } from './review-case.js';

const PREFIX = `${reviewCases.stream}-`;

/** The cases that somebody has to decide, without personal data. */
export const openCases = projection<ReviewCase>({
  name: 'open-cases',
  keysOf: ({ stream }) => (stream.startsWith(PREFIX) ? [stream.slice(PREFIX.length)] : []),
  evolve(row, event) {
    if (isOf(CaseClosed, event)) return undefined;
    const state = reviewCases.evolve(row ?? reviewCases.initial, event);
    return state.status === 'open' ? state : undefined;
  },
});

/** Which open cases are asked for. */
export interface CaseFilter {
  readonly service: string | null;
  /** assigned to or claimed by this person */
  readonly person: string | null;
  /** past the time in which somebody should have decided */
  readonly overdue: boolean;
}

/** The end of the page before: its last case. */
export interface CasePlace {
  readonly decideBy: number;
  readonly reviewId: string;
}

/** Open cases, those that are due first, after a place; by the time of the database. */
export async function readOpenCases(
  store: Pick<EventStore, 'query'>,
  { service, person, overdue }: CaseFilter,
  after: CasePlace | null,
  limit: number,
): Promise<ReviewCase[]> {
  const rows = await store.query<{ state: ReviewCase }>(
    'open_cases',
    `select state from projections where name = 'open-cases'
      and ($1::text is null or state #>> '{asked,service}' = $1)
      and ($2::text is null or state->>'assignee' = $2 or state->>'claimedBy' = $2)
      and (not $3::boolean or (state->>'decideBy')::bigint < extract(epoch from clock_timestamp()) * 1000)
      and ($4::bigint is null or ((state->>'decideBy')::bigint, key) > ($4::bigint, $5::text))
      order by (state->>'decideBy')::bigint, key limit $6`,
    [service, person, overdue, after?.decideBy ?? null, after?.reviewId ?? null, limit],
  );
  return rows.map(({ state }) => state);
}

/** A case that ended. */
export interface EndedCase {
  readonly position: string;
  readonly data: CaseClosed;
}

/** Cases as they ended, the newest first, before a position. */
export async function readEndedCases(
  store: Pick<EventStore, 'query'>,
  before: string | null,
  limit: number,
): Promise<EndedCase[]> {
  return store.query<EndedCase>(
    'ended_cases',
    `select position::text as position, data from events where type = $1 and ($2::bigint is null or position < $2::bigint)
      order by position desc limit $3`,
    [CaseClosed.type, before, limit],
  );
}
