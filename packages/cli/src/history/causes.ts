import type { Inspector } from '@towpath/event-store/inspect';

/** A stored event that caused another. */
export interface Cause {
  readonly id: string;
  readonly service: string;
  readonly type: string;
  readonly stream: string;
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const IDS_PER_READ = 1_000;

/** Those of the ids that stand in a store, by id. Deliveries, timers and requests of people stand in none. */
export async function causesOf(inspector: Inspector, ids: readonly string[]): Promise<Map<string, Cause>> {
  const schemas = await inspector.schemas();
  const wanted = [...new Set(ids)].filter((id) => UUID.test(id));
  const found = new Map<string, Cause>();
  if (schemas.length === 0) return found;
  // Names of schemas come from the database's own list of stores, which set-up checks.
  const parts = schemas.map(
    (schema) => `select id, '${schema}' as service, type, stream from "${schema}".events where id = any($1::uuid[])`,
  );
  for (let at = 0; at < wanted.length; at += IDS_PER_READ) {
    const rows = await inspector.query<Cause>(parts.join(' union all '), [wanted.slice(at, at + IDS_PER_READ)]);
    for (const cause of rows) found.set(cause.id, cause);
  }
  return found;
}
