import pg from 'pg';
import { isConnectionSound, storeErrorOf } from './sql-errors.js';
import { queryText, type TextRow, type TextValue } from './text-query.js';

/** One statement, prepared under its name on each connection: it is parsed and planned once. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** A pool whose statements are named and whose values come back as Postgres' text. */
export interface Connections {
  run(statement: Statement, values: readonly TextValue[]): Promise<TextRow[]>;
  /** one connection for a transaction; broken ones are thrown away */
  using<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const statementMsMax = 10_000;
// Longer than the server's own limit: this one is for a server that doesn't answer at all.
const answerMsMax = 12_000;
const connectMsMax = 5_000;

/** The pool's own limit would start and stop a timer on every checkout, also of idle connections. */
class ImpatientClient extends pg.Client {
  constructor(config?: pg.ClientConfig) {
    super({ ...config, connectionTimeoutMillis: connectMsMax });
  }
}

/** Opens a pool; connects when first used. */
export function connect(options: {
  url: string;
  poolSize: number;
  applicationName: string;
  /** where unqualified names are looked up */
  schema: string;
}): Connections {
  const pool = new pg.Pool({
    Client: ImpatientClient,
    connectionString: options.url,
    max: options.poolSize,
    application_name: options.applicationName,
    query_timeout: answerMsMax,
    idleTimeoutMillis: 0,
    keepAlive: true,
    // Look-ups by index in every statement: a generic plan made on a young, small table must not scan when it has grown.
    options: `-c search_path=${options.schema} -c statement_timeout=${statementMsMax} -c idle_in_transaction_session_timeout=${statementMsMax} -c TimeZone=UTC -c DateStyle=ISO -c plan_cache_mode=force_generic_plan -c jit=off -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off`,
  });
  // A connection that breaks, idle or between two statements of a transaction: the next statement on it tells.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    run: (statement, values) => withClient(pool, (client) => queryText(client, statement, values)),
    using: (work) => withClient(pool, work),
    close: () => pool.end(),
  };
}

/** The pool's own `query` drops the connection on every error; a version conflict is no reason to. */
async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  let client: pg.PoolClient;
  try {
    client = await pool.connect();
  } catch (error) {
    throw storeErrorOf(error);
  }
  try {
    const result = await work(client);
    client.release();
    return result;
  } catch (error) {
    client.release(!isConnectionSound(error));
    throw storeErrorOf(error);
  }
}
