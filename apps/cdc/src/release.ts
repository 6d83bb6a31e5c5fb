import type pg from 'pg';
import type { Logger } from '@towpath/service-kit/logger';
import { eventRowOf, type EventRow } from './event-row.js';
import type { Outgoing } from './ordered-sender.js';
import type { ParkingLot } from './parking.js';
import { recordOf, sizeOf } from './record.js';
import { Refusal } from './refusal.js';

/** Where released rows go: the same sender as live ones, so that they queue behind what is on its way. */
export interface ReleaseTarget {
  readonly pool: pg.Pool;
  readonly parking: ParkingLot;
  /** read anew for each release: a missing id is what many wait for */
  schemaIds(): Promise<ReadonlyMap<string, number>>;
  enqueue(outgoing: Outgoing): void;
  flush(): void;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/** Publishes every stream whose release is asked for. One that fails again stays parked, with its new reason. */
export async function releaseStreams(target: ReleaseTarget): Promise<void> {
  const { rows } = await target.pool.query<{ schema: string; stream: string }>(
    'select distinct schema, stream from cdc.parked where released_at is null and released_by is not null',
  );
  if (rows.length === 0) return;
  const schemaIds = await target.schemaIds();
  for (const { schema, stream } of rows) await releaseStream(target, schemaIds, schema, stream);
}

const rowsMax = 500;

async function releaseStream(
  target: ReleaseTarget,
  schemaIds: ReadonlyMap<string, number>,
  schema: string,
  stream: string,
): Promise<void> {
  let released = 0;
  for (;;) {
    const rows = await parkedRows(target.pool, schema, stream);
    // No await between the empty answer and `free`: a row that comes in between is parked, and `free` refuses.
    if (rows.length === 0 && target.parking.free(schema, stream)) break;
    for (const row of rows) {
      if (!(await releaseRow(target, schemaIds, row))) return;
      released += 1;
    }
    if (rows.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  target.logger.info({ schema, stream, released }, 'relay.released');
}

async function parkedRows(pool: pg.Pool, schema: string, stream: string): Promise<EventRow[]> {
  const { rows } = await pool.query<Record<string, string | null>>(
    `select position::text, stream, version::text, event_id::text as id, type, data::text, metadata::text,
       to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00' as occurred_at, digest::text, hash::text
     from cdc.parked where schema = $1 and stream = $2 and released_at is null order by parked.version limit ${rowsMax}`,
    [schema, stream],
  );
  return rows.map((values) => eventRowOf(schema, values));
}

/** False when the row was refused again. */
async function releaseRow(
  target: ReleaseTarget,
  schemaIds: ReadonlyMap<string, number>,
  row: EventRow,
): Promise<boolean> {
  const { schema, position, stream, version } = row;
  try {
    const record = recordOf(row, schemaIds);
    const outcome = await new Promise((settled) => {
      target.enqueue({ row, record, bytes: sizeOf(record), released: true, settled });
      target.flush();
    });
    if (outcome === 'parked') throw new Refusal('BROKER_REFUSED', 'the brokers refused it again');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    await target.pool.query('update cdc.parked set reason = $3 where schema = $1 and position = $2', [
      schema,
      position,
      error.message,
    ]);
    await target.pool.query(
      'update cdc.parked set released_by = null where schema = $1 and stream = $2 and released_at is null',
      [schema, stream],
    );
    target.logger.error(
      { schema, stream, version, code: error.code, detail: error.detail, alert: true },
      'relay.release_refused',
    );
    return false;
  }
  await target.pool.query('update cdc.parked set released_at = clock_timestamp() where schema = $1 and position = $2', [
    schema,
    position,
  ]);
  return true;
}
