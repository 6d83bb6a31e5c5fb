import type pg from 'pg';
import {
  appendStatement,
  appendedOf,
  commitGroupStatement,
  committedOf,
  eventValues,
  groupValues,
  refuseTwins,
} from './commit-group.js';
import { connect, runOn, type Connections } from './connection.js';
import { InboxConflict } from './errors.js';
import { loadGroupStatement, loadGroupValues, loadedGroupOf } from './load-group.js';
import { eventColumns, storedEventOf } from './rows.js';
import { storeErrorOf } from './sql-errors.js';
import { claimTimers, nextTimerDueMs } from './timers.js';
import type { Committed, EventStore, GroupCommit, GroupQuery, LockedGroup, StoredEvent } from './types.js';

/** Opens one service's store; connects when first used. `url` is the service role's. */
export function openStore(options: { url: string; schema: string; poolSize?: number }): EventStore {
  const { schema } = options;
  const connections = connect({
    url: options.url,
    poolSize: options.poolSize ?? 4,
    applicationName: `towpath-${schema}`,
    schema,
  });
  const append = appendStatement(schema);
  const load = loadGroupStatement(schema);
  const commit = commitGroupStatement(schema);
  return {
    schema,
    append: async (events) => appendedOf(events, (await connections.run(append, eventValues(events)))[0]),
    ...readers(connections, schema),
    loadGroup: async (query) => loadedGroupOf(query, await connections.run(load, loadGroupValues(query))),
    loadGroupLocked: (query) => lockedGroup(connections, schema, query),
    async commitGroup(group) {
      try {
        return committedOf(group, (await connections.run(commit, groupValues(group)))[0]);
      } catch (error) {
        if (error instanceof InboxConflict) refuseTwins(group);
        throw error;
      }
    },
    claimTimers: (claim) => claimTimers(connections, schema, claim),
    nextTimerDueMs: () => nextTimerDueMs(connections, schema),
    async maintainInbox({ aheadDays, keepDays }) {
      await connections.run({ name: 'maintain_inbox', text: `select ${schema}.maintain_inbox($1, $2)` }, [
        aheadDays,
        keepDays,
      ]);
    },
    async ping() {
      await connections.run({ name: 'ping', text: 'select 1' }, []);
    },
    close: () => connections.close(),
  };
}

type Readers = Pick<EventStore, 'read' | 'readStreams' | 'schemaIds' | 'query'>;

function readers(connections: Connections, schema: string): Readers {
  const read = {
    name: 'read_stream',
    text: `select ${eventColumns('e')} from ${schema}.events e where e.stream = $1 and e.version <= coalesce($2::bigint, e.version)
      and e.occurred_at <= coalesce($3::timestamptz, e.occurred_at) order by e.version`,
  };
  return {
    async read(stream, until = {}) {
      const rows = await connections.run(read, [stream, until.toVersion ?? null, until.at?.toISOString() ?? null]);
      return rows.map((row) => storedEventOf(row));
    },
    async readStreams(streams) {
      const query: GroupQuery = { consumer: '', ids: [], streams, rows: [] };
      const rows = await connections.run(loadGroupStatement(schema), loadGroupValues(query));
      return new Map<string, StoredEvent[]>(loadedGroupOf(query, rows).streams);
    },
    async schemaIds() {
      const rows = await connections.run(
        { name: 'schema_ids', text: 'select type, subject, schema_id from towpath.schemas' },
        [],
      );
      return new Map(rows.map((row) => [row[0]!, { subject: row[1]!, schemaId: Number(row[2]) }]));
    },
    query: <Row>(name: string, text: string, values: readonly unknown[]) =>
      connections.using(async (client) => (await client.query({ name, text, values: [...values] })).rows as Row[]),
  };
}

/** Reads with every other writer of the schema held back until commit or release. */
async function lockedGroup(connections: Connections, schema: string, query: GroupQuery): Promise<LockedGroup> {
  const ready = Promise.withResolvers<LockedGroup>();
  const finished = Promise.withResolvers<void>();
  const transaction = connections.using(async (client) => {
    await client.query('begin');
    await client.query(`select ${schema}.lock_writers()`);
    const group = loadedGroupOf(query, await runOn(client, loadGroupStatement(schema), loadGroupValues(query)));
    ready.resolve({
      group,
      commit: (commit) => commitLocked(client, schema, commit, finished),
      release: async () => {
        finished.resolve();
        // A cut connection has released the lock already; the commit told.
        await transaction.catch(() => undefined);
      },
    });
    await finished.promise;
    // After a commit there is nothing left to roll back.
    await client.query('rollback');
  });
  transaction.catch(ready.reject);
  return ready.promise;
}

async function commitLocked(
  client: pg.PoolClient,
  schema: string,
  commit: GroupCommit,
  finished: PromiseWithResolvers<void>,
): Promise<Committed> {
  try {
    const rows = await runOn(client, commitGroupStatement(schema), groupValues(commit));
    await client.query('commit');
    return committedOf(commit, rows[0]);
  } catch (error) {
    throw storeErrorOf(error);
  } finally {
    finished.resolve();
  }
}
