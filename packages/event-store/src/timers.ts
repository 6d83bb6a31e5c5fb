import type { Connections } from './connection.js';
import { textArray } from './literals.js';
import { timeOf } from './rows.js';
import type { DueTimer, Metadata } from './types.js';

/**
 * Leases due timers of some types by the database's clock, so that replicas with wrong clocks agree and no two hold the same one.
 * A timer leaves the table in the commit that handles it (`firedTimers`); one whose lease ran out is leased again.
 */
export async function claimTimers(
  connections: Connections,
  schema: string,
  options: { types: readonly string[]; limit: number; leaseMs: number },
): Promise<DueTimer[]> {
  const statement = {
    name: 'claim_timers',
    text: `select id, due_at, type, data, metadata from ${schema}.claim_timers($1, $2, $3) order by due_at`,
  };
  const rows = await connections.run(statement, [textArray(options.types), options.limit, options.leaseMs]);
  return rows.map((row) => ({
    id: row[0]!,
    dueAt: timeOf(row[1]!),
    type: row[2]!,
    data: JSON.parse(row[3]!) as unknown,
    metadata: JSON.parse(row[4]!) as Metadata,
  }));
}

/** Milliseconds until a timer of these types can be claimed, 0 when one can be now, undefined when there is none. */
export async function nextTimerDueMs(
  connections: Connections,
  schema: string,
  types: readonly string[],
): Promise<number | undefined> {
  const statement = {
    name: 'next_timer',
    text: `select ceil(1000 * extract(epoch from min(greatest(due_at, leased_until)) - clock_timestamp()))::bigint
      from ${schema}.timers where type = any ($1::text[])`,
  };
  const [row] = await connections.run(statement, [textArray(types)]);
  return row?.[0] == null ? undefined : Math.max(0, Number(row[0]));
}

/** For how long the oldest timer has been due without having fired; 0 when none is due. */
export async function timersOverdueSeconds(connections: Connections, schema: string): Promise<number> {
  const statement = {
    name: 'timers_overdue',
    text: `select greatest(0, extract(epoch from clock_timestamp() - min(due_at))) from ${schema}.timers`,
  };
  const [row] = await connections.run(statement, []);
  return Number(row?.[0] ?? 0);
}
