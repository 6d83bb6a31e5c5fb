import type pg from 'pg';
import { commitGroupStatement, committedOf, groupValues, refuseTwins } from './commit-group.js';
import { connect, type Connections } from './connection.js';
import { InboxConflict } from './errors.js';
import { groupCommit } from './group-commit.js';
import { heldStore } from './held.js';
import { inboxOf } from './inbox.js';
import { textArray } from './literals.js';
import { loadGroupStatement, loadGroupValues, loadedGroupOf } from './load-group.js';
import { listen } from './notices.js';
import { eventColumns, storedEventOf } from './rows.js';
import { Snapshots } from './snapshots.js';
import { storeErrorOf } from './sql-errors.js';
import { queryText } from './text-query.js';
import { claimTimers, nextTimerDueMs, timersOverdueSeconds } from './timers.js';
import { noUpcasters, type Upcasters } from './upcast.js';
import type { Committed, EventStore, GroupCommit, GroupQuery, LockedGroup, StoredEvent } from './types.js';

export interface StoreOptions {
  readonly url: string;
  readonly schema: string;
  readonly poolSize?: number;
  /** how older versions of events read; what is stored stays as it is */
  readonly upcasters?: Upcasters;
  /** names the code that folds; with it, groups are read from snapshots on */
  readonly foldVersion?: string;
}

/** Opens one service's store; connects when first used. `url` is the service role's. */
export function openStore(options: StoreOptions): EventStore {
  const { schema, upcasters = noUpcasters } = options;
  const connections = connect({
    url: options.url,
    poolSize: options.poolSize ?? 4,
    applicationName: `towpath-${schema}`,
    schema,
  });
  const snapshots = new Snapshots(connections, schema, options.foldVersion);
  const commit = commitGroupStatement(schema);
  const commitGroup = groupCommit(async (group) => {
    try {
      return committedOf(group, (await connections.run(commit, groupValues(group)))[0]);
    } catch (error) {
      if (error instanceof InboxConflict) refuseTwins(group);
      throw error;
    }
  });
  return {
    schema,
    append: async (events) => (await commitGroup({ consumer: '', events })).events,
    ...readers(connections, schema, upcasters),
    async loadGroup(query) {
      const { statement, values } = await snapshots.reading();
      const rows = await connections.run(statement, [...loadGroupValues(query), ...values]);
      return loadedGroupOf(query, rows, upcasters);
    },
    loadGroupLocked: (query) => lockedGroup(connections, schema, query, upcasters),
    keepSnapshot: (snapshot) => snapshots.keep(snapshot),
    commitGroup,
    ...heldStore(connections, schema),
    onHeld: (heard) => listen({ url: options.url, channel: `${schema}.held`, name: `towpath-${schema}` }, heard),
    claimTimers: (claim) => claimTimers(connections, schema, claim),
    nextTimerDueMs: (types) => nextTimerDueMs(connections, schema, types),
    timersOverdueSeconds: () => timersOverdueSeconds(connections, schema),
    ...inboxOf(connections, schema),
    async ping() {
      await connections.run({ name: 'ping', text: 'select 1' }, []);
    },
    close: () => connections.close(),
  };
}

type Readers = Pick<EventStore, 'read' | 'readStreams' | 'schemaIds' | 'query'>;

function readers(connections: Connections, schema: string, upcasters: Upcasters): Readers {
  const read = {
    name: 'read_stream',
    text: `select ${eventColumns('e')} from ${schema}.events e where e.stream = $1 and e.version <= coalesce($2::bigint, e.version)
      and e.occurred_at <= coalesce($3::timestamptz, e.occurred_at) order by e.version`,
  };
  const readAll = {
    name: 'read_streams',
    text: `select ${eventColumns('e')} from ${schema}.events e where e.stream = any($1::text[]) order by e.stream, e.version`,
  };
  return {
    async read(stream, until = {}) {
      const rows = await connections.run(read, [stream, until.toVersion ?? null, until.at?.toISOString() ?? null]);
      return rows.map((row) => upcasters.event(storedEventOf(row)));
    },
    async readStreams(streams) {
      const found = new Map<string, StoredEvent[]>(streams.map((stream) => [stream, []]));
      for (const row of await connections.run(readAll, [textArray([...found.keys()])])) {
        const event = upcasters.event(storedEventOf(row));
        found.get(event.stream)!.push(event);
      }
      return found;
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
async function lockedGroup(
  connections: Connections,
  schema: string,
  query: GroupQuery,
  upcasters: Upcasters,
): Promise<LockedGroup> {
  const ready = Promise.withResolvers<LockedGroup>();
  const finished = Promise.withResolvers<void>();
  const transaction = connections.using(async (client) => {
    await client.query('begin');
    await client.query(`select ${schema}.lock_writers()`);
    const rows = await queryText(client, loadGroupStatement(schema), loadGroupValues(query));
    const group = loadedGroupOf(query, rows, upcasters);
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
    const rows = await queryText(client, commitGroupStatement(schema), groupValues(commit));
    await client.query('commit');
    return committedOf(commit, rows[0]);
  } catch (error) {
    throw storeErrorOf(error);
  } finally {
    finished.resolve();
  }
}
