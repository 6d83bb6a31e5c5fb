import type { Inspector } from '@towpath/event-store/inspect';

/** A dead letter as it can be read without its key. */
export interface Letter {
  readonly id: string;
  /** the service whose store holds it */
  readonly service: string;
  readonly type: string;
  readonly reason: string;
  readonly handler: string;
  /** file and line of our code, when it is known */
  readonly place: string | null;
  readonly attempts: number;
  /** milliseconds since the epoch */
  readonly failedAt: number;
  readonly status: 'open' | 'redriven' | 'discarded';
}

export interface LetterFilter {
  /** full type or its last part */
  readonly type?: string;
  readonly reason?: string;
  readonly handler?: string;
  readonly service?: string;
  readonly ids?: readonly string[];
  readonly since?: Date;
  readonly until?: Date;
  readonly status?: Letter['status'];
}

/** At most so many are taken at once; a task says when there are more. */
export const LETTERS_MAX = 10_000;

const SETTLED: Readonly<Record<string, Letter['status']>> = {
  'platform.v1.DeadLetterRedriven': 'redriven',
  'platform.v1.DeadLetterDiscarded': 'discarded',
};

interface Row {
  readonly service: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly settled: string | null;
}

/** Dead letters of all stores, newest first, without those whose content is in the archive. */
export async function lettersOf(inspector: Inspector, filter: LetterFilter, limit = LETTERS_MAX): Promise<Letter[]> {
  const rows = await inspector.query<Row>(
    `select * from (${(await parts(inspector, filter)).join(' union all ')}) found
     where $7::text is null or coalesce(settled, 'open') = $7
     order by (data ->> 'lastFailedAt')::bigint desc limit ${limit}`,
    [...valuesOf(filter), settledTypeOf(filter.status)],
  );
  return rows.map(letterOf);
}

/** The status `open` has no event of its own. */
function settledTypeOf(status: Letter['status'] | undefined): string | null {
  if (status === undefined || status === 'open') return status ?? null;
  return Object.keys(SETTLED).find((type) => SETTLED[type] === status) ?? null;
}

async function parts(inspector: Inspector, filter: LetterFilter): Promise<string[]> {
  const schemas = (await inspector.schemas()).filter(
    (schema) => filter.service === undefined || schema === filter.service.replaceAll('-', '_'),
  );
  if (schemas.length === 0)
    return [`select ''::text as service, null::jsonb as data, null::text as settled where false`];
  // Names of schemas come from the database's own list of stores, which set-up checks.
  return schemas.map(
    (schema) => `select s.service, e.data, (select n.type from "${schema}".events n
         where n.stream = e.stream and n.version > e.version order by n.version limit 1) as settled
       from "${schema}".events e join towpath.stores s on s.schema = '${schema}'
       where e.type = 'platform.v1.DeadLettered' and e.archived_at is null
         and ($1::text is null or e.data ->> 'originType' = $1 or e.data ->> 'originType' like '%.' || $1)
         and ($2::text is null or e.data ->> 'reason' = $2) and ($3::text is null or e.data ->> 'handler' = $3)
         and ($4::text[] is null or e.data ->> 'deadLetterId' = any ($4))
         and ($5::bigint is null or (e.data ->> 'lastFailedAt')::bigint >= $5)
         and ($6::bigint is null or (e.data ->> 'lastFailedAt')::bigint < $6)`,
  );
}

function valuesOf({ type, reason, handler, ids, since, until }: LetterFilter): unknown[] {
  return [
    type ?? null,
    reason ?? null,
    handler ?? null,
    ids ?? null,
    since?.getTime() ?? null,
    until?.getTime() ?? null,
  ];
}

function letterOf({ service, data, settled }: Row): Letter {
  return {
    id: String(data['deadLetterId']),
    service,
    type: typeof data['originType'] === 'string' ? data['originType'] : 'unknown',
    reason: String(data['reason']),
    handler: String(data['handler']),
    place: typeof data['place'] === 'string' ? data['place'] : null,
    attempts: Number(data['attempts']),
    failedAt: Number(data['lastFailedAt']),
    status: SETTLED[settled ?? ''] ?? 'open',
  };
}
