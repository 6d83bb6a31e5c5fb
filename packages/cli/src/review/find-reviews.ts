import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewEndorsed } from '@towpath/contracts/platform/ReviewEndorsed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { Inspector } from '@towpath/event-store/inspect';
import { CliError } from '../cli-error.js';

/** What was asked, as its store holds it: requests of before have fewer fields, and personal data are ciphertext. */
export type AskedReview = Partial<ReviewRequested> & Pick<ReviewRequested, 'reviewId' | 'subjectType' | 'subjectId'>;

/** A review as the stores know it. */
export interface FoundReview {
  readonly asked: AskedReview;
  /** the service that asked, by the store that holds it */
  readonly service: string;
  readonly askedAt: Date;
  /** people who agreed already, when it takes more than one */
  readonly endorsedBy: readonly string[];
  /** how it ended; null while it is open */
  readonly outcome: string | null;
}

interface Row {
  readonly data: AskedReview;
  readonly occurred_at: Date;
  readonly outcome: string | null;
  readonly endorsed: readonly string[] | null;
}

export interface ReviewFilter {
  readonly service?: string;
  /** also those that nobody has to decide any more */
  readonly all?: boolean;
  /** only this review, or those of this subject */
  readonly id?: string;
}

/** Reviews of all services by their last request, the newest first, at most `limit` of each service. */
export async function findReviews(inspector: Inspector, filter: ReviewFilter, limit: number): Promise<FoundReview[]> {
  const { service, all = false, id = null } = filter;
  const schemas = (await inspector.schemas()).filter((schema) => service === undefined || schema === service);
  const found = await Promise.all(
    schemas.map(async (schema) => {
      const rows = await inspector.query<Row>(reviewsText(schema), [
        ReviewRequested.type,
        ReviewClosed.type,
        ReviewEndorsed.type,
        all,
        id,
        limit,
      ]);
      return rows.map((row) => reviewOf(schema, row));
    }),
  );
  return found.flat().sort((one, other) => other.askedAt.getTime() - one.askedAt.getTime());
}

/** The review of this id, or the open one of this subject. Throws REVIEW_UNKNOWN, or REVIEW_AMBIGUOUS naming them. */
export async function findReview(inspector: Inspector, id: string): Promise<FoundReview> {
  const found = await findReviews(inspector, { id, all: true }, 20);
  const exact = found.find(({ asked }) => asked.reviewId === id);
  const open = found.filter(({ outcome }) => outcome === null);
  const chosen = exact ?? (open.length > 0 ? open : found).at(0);
  if (!chosen) {
    throw new CliError(
      'REVIEW_UNKNOWN',
      `there is no review ${id}, and none about it; see \`towpath review list --all\`.`,
    );
  }
  if (!exact && open.length > 1) {
    const ids = open.map(({ asked }) => asked.reviewId).join(', ');
    throw new CliError('REVIEW_AMBIGUOUS', `several are open about ${id}; name one: ${ids}.`);
  }
  return chosen;
}

/** Only the last request of a review counts: one that was closed as stale may be asked anew. */
function reviewsText(schema: string): string {
  return `select e.data, e.occurred_at, closed.outcome, endorsed.actors as endorsed
    from ${schema}.events e
    left join lateral (select c.data ->> 'outcome' as outcome from ${schema}.events c
      where c.stream = e.stream and c.version > e.version and c.type = $2 limit 1) closed on true
    left join lateral (select array_agg(n.data ->> 'actor' order by n.version) as actors from ${schema}.events n
      where n.stream = e.stream and n.version > e.version and n.type = $3) endorsed on true
    where e.type = $1 and not exists (select 1 from ${schema}.events later
        where later.stream = e.stream and later.version > e.version and later.type = $1)
      and ($4 or closed.outcome is null)
      and ($5::text is null or e.data ->> 'reviewId' = $5 or e.data ->> 'subjectId' = $5)
    order by e.position desc limit $6`;
}

function reviewOf(schema: string, { data, occurred_at: askedAt, outcome, endorsed }: Row): FoundReview {
  const service = data.service ?? schema;
  return { asked: data, service, askedAt, outcome, endorsedBy: endorsed ?? [] };
}
