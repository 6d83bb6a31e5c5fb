import type pg from 'pg';
import type { Logger } from '@towpath/service-kit/logger';
import type { EventRow } from './event-row.js';
import { Refusal } from './refusal.js';

interface Parked {
  readonly row: EventRow;
  readonly reason: string;
  stored(): void;
}

const insertRowsMax = 500;

/**
 * Events that can't be published wait in `cdc.parked`, with all later versions of their stream, so that a receiver never
 * sees a stream with a gap. `insert` writes a group durably; a row counts as dealt with only after that.
 */
export class ParkingLot {
  private readonly waiting: Parked[] = [];
  private writing = false;

  private constructor(
    /** the first parked version per stream */
    private readonly firstVersions: Map<string, number>,
    private readonly insert: (rows: readonly Parked[]) => Promise<void>,
    private readonly logger: Pick<Logger, 'error'>,
    private readonly onFailed: (error: Error) => void,
  ) {}

  /** With the streams that are parked already. `onFailed` is told when rows could not be stored. */
  static async load(
    pool: pg.Pool,
    logger: Pick<Logger, 'error'>,
    onFailed: (error: Error) => void,
  ): Promise<ParkingLot> {
    const { rows } = await pool.query<{ schema: string; stream: string; version: string }>(
      'select schema, stream, min(version) as version from cdc.parked where released_at is null group by schema, stream',
    );
    const firstVersions = new Map(rows.map(({ schema, stream, version }) => [keyOf(schema, stream), Number(version)]));
    return new ParkingLot(firstVersions, (group) => insertParked(pool, group), logger, onFailed);
  }

  static of(
    insert: (rows: readonly Parked[]) => Promise<void>,
    logger: Pick<Logger, 'error'>,
    onFailed: (error: Error) => void,
  ): ParkingLot {
    return new ParkingLot(new Map(), insert, logger, onFailed);
  }

  /** Streams that are parked. */
  get streams(): number {
    return this.firstVersions.size;
  }

  /** True when the row, or an earlier version of its stream, is parked. A repeat of an earlier version is not behind it. */
  holds({ schema, stream, version }: EventRow): boolean {
    if (this.firstVersions.size === 0) return false;
    const first = this.firstVersions.get(keyOf(schema, stream));
    return first !== undefined && version >= first;
  }

  /** Parks the row; from now on its stream is held. `stored` is called when it is written. */
  park(row: EventRow, refusal: Refusal, stored: () => void): void {
    const key = keyOf(row.schema, row.stream);
    const first = this.firstVersions.get(key);
    if (first === undefined || row.version < first) this.firstVersions.set(key, row.version);
    if (first === undefined) this.alert(row, refusal);
    this.waiting.push({ row, reason: refusal.message, stored });
    if (!this.writing) void this.write();
  }

  /** Parks a row behind an earlier version of its stream. */
  parkBehind(row: EventRow, stored: () => void): void {
    this.park(row, behind, stored);
  }

  /** Lets the stream's next rows through, unless one of it is being stored right now. */
  free(schema: string, stream: string): boolean {
    if (this.waiting.some(({ row }) => row.schema === schema && row.stream === stream)) return false;
    this.firstVersions.delete(keyOf(schema, stream));
    return true;
  }

  private alert({ id, type, schema, stream, version }: EventRow, { code, detail }: Refusal): void {
    this.logger.error(
      { event_id: id, event_type: type, schema, stream, version, code, detail, alert: true },
      'relay.parked: this event and all later ones of its stream wait in cdc.parked until they are released',
    );
  }

  /** One insert at a time; rows stay in `waiting` until they are written, so that `free` sees them. */
  private async write(): Promise<void> {
    this.writing = true;
    try {
      while (this.waiting.length > 0) {
        const group = this.waiting.slice(0, insertRowsMax);
        await this.insert(group);
        this.waiting.splice(0, group.length);
        for (const { stored } of group) stored();
      }
    } catch (error) {
      this.onFailed(error as Error);
    } finally {
      this.writing = false;
    }
  }
}

const behind = new Refusal('BEHIND_PARKED', 'an earlier version of its stream is parked');

function keyOf(schema: string, stream: string): string {
  return `${schema}\n${stream}`;
}

/** A row that came through the slot a second time is there already. */
async function insertParked(pool: pg.Pool, group: readonly Parked[]): Promise<void> {
  const column = (of: (parked: Parked) => string | number): (string | number)[] => group.map(of);
  await pool.query(
    `insert into cdc.parked (schema, position, stream, version, event_id, type, reason, data, metadata, occurred_at, digest, hash)
     select * from unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[], $5::uuid[], $6::text[], $7::text[],
       $8::jsonb[], $9::jsonb[], $10::timestamptz[], $11::bytea[], $12::bytea[])
     on conflict (schema, position) do nothing`,
    [
      column(({ row }) => row.schema),
      column(({ row }) => row.position),
      column(({ row }) => row.stream),
      column(({ row }) => row.version),
      column(({ row }) => row.id),
      column(({ row }) => row.type),
      column(({ reason }) => reason),
      column(({ row }) => row.data),
      column(({ row }) => row.metadata),
      column(({ row }) => row.occurredAt),
      column(({ row }) => `\\x${row.digest}`),
      column(({ row }) => `\\x${row.hash}`),
    ],
  );
}
