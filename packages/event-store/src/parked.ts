import pg from 'pg';
import type { Inspector } from './inspect.js';

/** A stream of which the relay could not publish an event; that one and all later ones wait in `cdc.parked`. */
export interface ParkedStream {
  readonly schema: string;
  readonly stream: string;
  readonly events: number;
  readonly firstVersion: number;
  /** type of the first event */
  readonly type: string | null;
  /** stable code and detail of the first; holds no value of the data */
  readonly reason: string;
  readonly parkedAt: Date;
  /** who asked for its release, which is not done yet */
  readonly releaseAskedBy: string | null;
}

const streamsMax = 1_000;

/** Parked streams, the oldest first; at most 1,000. */
export async function parkedStreams(inspector: Inspector): Promise<ParkedStream[]> {
  const rows = await inspector.query<Omit<ParkedStream, 'firstVersion' | 'events'> & { first: string; events: string }>(
    `select distinct on (schema, stream) schema, stream, count(*) over of_stream as events, version as first, type, reason,
       parked_at as "parkedAt", released_by as "releaseAskedBy"
     from cdc.parked where released_at is null
     window of_stream as (partition by schema, stream)
     order by schema, stream, version limit ${streamsMax}`,
    [],
  );
  return rows
    .map(({ first, events, ...row }) => ({ ...row, firstVersion: Number(first), events: Number(events) }))
    .sort((one, other) => one.parkedAt.getTime() - other.parkedAt.getTime());
}

/**
 * Asks for the release of a parked stream: the active relay publishes its events in order, within seconds, and then lets
 * later ones through. `url` is `cdc_service`'s. Returns how many events wait; 0: the stream is not parked.
 */
export async function requestRelease(url: string, schema: string, stream: string, by: string): Promise<number> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  await client.connect();
  try {
    const { rowCount } = await client.query(
      'update cdc.parked set released_by = $3 where schema = $1 and stream = $2 and released_at is null',
      [schema, stream, by],
    );
    return rowCount ?? 0;
  } finally {
    await client.end();
  }
}
