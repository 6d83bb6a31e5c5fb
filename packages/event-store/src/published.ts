import pg from 'pg';
import { schemaOf } from './names.js';

/** What a topic says of an event that a store appended. */
export interface PublishedEvent {
  readonly schema: string;
  readonly stream: string;
  readonly version: number;
  readonly id: string;
  /** SHA-256 of its content and its link in the stream's chain, hexadecimal; undefined when the record does not say */
  readonly digest: string | undefined;
  readonly hash: string | undefined;
}

/**
 * How a store differs from what was published: `missing`, it holds neither the event nor another in its place; `diverged`,
 * its place is another event's, or the event stands elsewhere or with other content. Not a difference: the same content on
 * another link, which is so when an event before it that nobody published was decided again.
 */
export type Difference = 'missing' | 'diverged';

const source = /^\/services\/([a-z0-9_-]+)$/;

/** What the headers of a record say of its event; undefined for one that no store appended. */
export function publishedEventOf(headers: Readonly<Record<string, string>>): PublishedEvent | undefined {
  const { ce_id: id, ce_stream: stream, ce_sequence: version } = headers;
  const { ce_digest: digest, ce_hash: hash } = headers;
  const service = source.exec(headers['ce_source'] ?? '')?.[1];
  if (service === undefined || id === undefined || stream === undefined || version === undefined) return undefined;
  return { schema: schemaOf(service), stream, version: Number(version), id, digest, hash };
}

/** Which of these events of one schema its store does not hold as published; those it does are left out. */
export async function differences<E extends PublishedEvent>(
  client: Pick<pg.Pool, 'query'>,
  schema: string,
  events: readonly E[],
): Promise<(readonly [E, Difference])[]> {
  const { rows } = await client.query<{ place: string; difference: Difference | null }>(differencesText(schema), [
    events.map(({ stream }) => stream),
    events.map(({ version }) => version),
    events.map(({ id }) => id),
    events.map(({ digest }) => digest ?? null),
  ]);
  return rows.flatMap(({ place, difference }) =>
    difference ? [[events[Number(place) - 1]!, difference] as const] : [],
  );
}

/** `offset 0` keeps each look-up a look-up by index. */
function differencesText(schema: string): string {
  const table = `${pg.escapeIdentifier(schema)}.events`;
  return `select q.place::text,
      case when held.id is null and own.id is null then 'missing'
        when held.id is distinct from q.id or encode(held.digest, 'hex') <> q.digest then 'diverged' end as difference
    from unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[]) with ordinality as q(stream, version, id, digest, place)
    left join lateral (select e.id, e.digest from ${table} e where e.stream = q.stream and e.version = q.version offset 0) held on true
    left join lateral (select e.id from ${table} e where e.id = q.id offset 0) own on true`;
}

/**
 * Names this very database: changes with everything that can set one back, which is another cluster, a recovery to an earlier
 * time (timeline), another data directory under a restarted server, a database or tables that were made again from a dump.
 */
export const incarnationText = `(select system_identifier::text from pg_control_system()) || '/' ||
  (select timeline_id from pg_control_checkpoint()) || '/' || extract(epoch from pg_postmaster_start_time())::text || '/' ||
  (select oid from pg_database where datname = current_database()) || '/' || 'cdc.progress'::regclass::oid`;
