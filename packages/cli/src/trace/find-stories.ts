import { all } from '@towpath/contracts/catalogue';
import type { InspectedEvent, Inspector } from '@towpath/event-store/inspect';

const STORIES_MAX = 10;

/** One story: the delivery's id and all stored events that came of it. */
export interface Story {
  readonly correlationId: string;
  readonly events: readonly InspectedEvent[];
}

/**
 * The stories that an id belongs to, oldest first, at most 10: of a delivery, an event, a payment or another aggregate, or a
 * provider's event. Empty when no store knows it.
 */
export async function findStories(inspector: Inspector, id: string): Promise<Story[]> {
  const ids = await correlationIdsOf(inspector, id);
  const stories = await Promise.all(
    ids
      .slice(0, STORIES_MAX)
      .map(async (correlationId) => ({ correlationId, events: await inspector.eventsByCorrelation(correlationId) })),
  );
  return stories.filter(({ events }) => events.length > 0);
}

async function correlationIdsOf(inspector: Inspector, id: string): Promise<string[]> {
  const event = await inspector.eventById(id);
  if (event && !event.archived) return [event.metadata.correlationId];
  const own = await inspector.eventsByCorrelation(id);
  if (own.length > 0) return [id];
  const ofAggregate = await correlationsWhere(inspector, 'stream = any($1)', [streamsOf(id)]);
  if (ofAggregate.length > 0) return ofAggregate;
  return correlationsWhere(inspector, "data ->> 'providerEventId' = $1", [id], ['triage']);
}

/** Every stream that an aggregate of this id could have. */
function streamsOf(id: string): string[] {
  return [...new Set(all().map(({ stream }) => `${stream}-${id}`))];
}

async function correlationsWhere(
  inspector: Inspector,
  where: string,
  values: readonly unknown[],
  only?: readonly string[],
): Promise<string[]> {
  const schemas = (await inspector.schemas()).filter((schema) => only?.includes(schema) ?? true);
  if (schemas.length === 0) return [];
  // Names of schemas come from the database's own list of stores, which set-up checks.
  const parts = schemas.map(
    (schema) =>
      `select metadata ->> 'correlationId' as story, min(occurred_at) as begun from "${schema}".events where archived_at is null and ${where} group by 1`,
  );
  const rows = await inspector.query<{ story: string }>(
    `select story from (${parts.join(' union all ')}) found group by story order by min(begun) limit ${STORIES_MAX}`,
    values,
  );
  return rows.map(({ story }) => story);
}
