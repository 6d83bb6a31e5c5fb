import pg from 'pg';
import type { Logger } from '@towpath/service-kit/logger';

/** After so long the reason is logged: Postgres waits for every transaction that was open when the slot was asked for. */
const patienceMs = 5_000;

/** A new slot, and a transaction that sees exactly what the slot will not stream. */
export interface FreshSlot {
  /** where the slot begins, as text */
  readonly consistentPoint: string;
  /** reads in the slot's snapshot, one query at a time */
  readonly reader: pg.Client;
  /** `pg_current_snapshot()` of it */
  readonly snapshot: string;
  /** gives up the snapshot; the slot stays */
  close(): Promise<void>;
}

/**
 * Creates the slot with an exported snapshot: what is committed in it is read by query, everything else comes through the
 * slot, nothing by both ways or none. Needs the REPLICATION attribute, which the relay's role has for streaming.
 */
export async function createFreshSlot(
  url: string,
  slot: string,
  logger: Pick<Logger, 'warn'>,
  signal: AbortSignal,
): Promise<FreshSlot> {
  const replication = new pg.Client({ connectionString: url, replication: 'database' } as pg.ClientConfig);
  const reader = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  const close = async (): Promise<void> => {
    signal.removeEventListener('abort', abort);
    await Promise.all([replication.end(), reader.end()]).catch(() => undefined);
  };
  const abort = (): void => void close();
  signal.addEventListener('abort', abort);
  for (const client of [replication, reader]) client.on('error', () => undefined);
  try {
    await Promise.all([replication.connect(), reader.connect()]);
    const created = await createSlot(replication, slot, logger);
    await reader.query('begin transaction isolation level repeatable read, read only');
    await reader.query(`set transaction snapshot ${pg.escapeLiteral(created.snapshot_name)}`);
    const { rows } = await reader.query<{ snapshot: string }>('select pg_current_snapshot()::text as snapshot');
    return { consistentPoint: created.consistent_point, reader, snapshot: rows[0]?.snapshot ?? '', close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface CreatedSlot {
  readonly consistent_point: string;
  readonly snapshot_name: string;
}

async function createSlot(client: pg.Client, slot: string, logger: Pick<Logger, 'warn'>): Promise<CreatedSlot> {
  const waiting = setTimeout(
    () => logger.warn({ slot, code: 'SLOT_WAITS' }, 'relay.slot_waits: an open transaction holds the new slot back'),
    patienceMs,
  );
  try {
    const { rows } = await client.query<CreatedSlot>(
      `CREATE_REPLICATION_SLOT ${pg.escapeIdentifier(slot)} LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    if (rows[0]) return rows[0];
    throw new Error('RELAY_PROTOCOL: CREATE_REPLICATION_SLOT answered no row');
  } finally {
    clearTimeout(waiting);
  }
}
