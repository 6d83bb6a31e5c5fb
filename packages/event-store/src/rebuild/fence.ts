import type { Connections } from '../connection.js';
import { queryText } from '../text-query.js';
import type { Run } from './rebuild-types.js';

/** A writer that takes longer than this to end is not waited for: others would wait behind us. */
const lockMsMax = 3_000;
const snapshotIdleMsMax = 60_000;

/**
 * Runs with all writers of the schema held back, in one transaction. What is committed before is all there is: each writer
 * takes the lock before it is given a position, so none with a lower one comes later. Keep it within milliseconds.
 */
export function withWritersHeld<T>(
  connections: Connections,
  schema: string,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  return connections.using(async (client) => {
    await client.query(`begin; set local lock_timeout = ${lockMsMax}`);
    try {
      await client.query(`select ${schema}.lock_writers()`);
      const result = await work((statement, values) => queryText(client, statement, values));
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    }
  });
}

/** The position below which nothing will be appended any more. */
export function fence(connections: Connections, schema: string): Promise<string> {
  return withWritersHeld(connections, schema, (run) => lastPosition(run, schema));
}

/** Runs with everything as it was at one position, while writers go on. */
export function withSnapshot<T>(
  connections: Connections,
  schema: string,
  work: (run: Run, position: string) => Promise<T>,
): Promise<T> {
  return connections.using(async (reader) => {
    const run: Run = (statement, values) => queryText(reader, statement, values);
    await reader.query(`begin isolation level repeatable read read only;
      set local idle_in_transaction_session_timeout = ${snapshotIdleMsMax}`);
    try {
      // Its first query is what fixes what it sees.
      const position = await withWritersHeld(connections, schema, () => lastPosition(run, schema));
      return await work(run, position);
    } finally {
      await reader.query('rollback').catch(() => undefined);
    }
  });
}

/** The highest position there is. */
export async function lastPosition(run: Run, schema: string): Promise<string> {
  const statement = { name: 'last_position', text: `select coalesce(max(position), 0) from ${schema}.events` };
  return (await run(statement, []))[0]![0]!;
}
