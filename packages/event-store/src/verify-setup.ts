import pg from 'pg';
import { StoreError, StoreUnavailable } from './errors.js';
import { rolesOf } from './names.js';
import { ownMigrations } from './migrate.js';

/** What a service needs is not there; `missing` lists it. Code `NOT_SET_UP`. The fix is `towpath setup`. */
export class NotSetUp extends StoreError {
  constructor(
    readonly missing: readonly string[],
    options?: { cause?: unknown },
  ) {
    super('NOT_SET_UP', `missing: ${missing.join('; ')}. Fix: run \`towpath setup\``, options);
  }
}

/**
 * Checks, with the service's own connection, that set-up has been run with this version. Changes nothing.
 * `emits`: types that the service's handlers may append. Throws `NotSetUp` naming all that is missing, or `STORE_UNAVAILABLE`.
 */
export async function verifySetup(options: { url: string; schema: string; emits?: readonly string[] }): Promise<void> {
  const client = new pg.Client({ connectionString: options.url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw connectFailure(error, options.schema);
  }
  try {
    const missing = await whatIsMissing(client, options.schema, options.emits ?? []);
    if (missing.length > 0) throw new NotSetUp(missing);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreUnavailable(`the check of the set-up failed: ${(error as Error).message}`, { cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
}

function connectFailure(error: unknown, schema: string): StoreError {
  const code = (error as { code?: string }).code ?? '';
  if (code === '3D000') return new NotSetUp(['the database itself'], { cause: error });
  // 28P01 wrong password or no such role, 28000 role may not log in
  if (code === '28P01' || code === '28000') {
    return new NotSetUp([`role ${rolesOf(schema).service}, or its password differs from DATABASE_URL's`], {
      cause: error,
    });
  }
  return new StoreUnavailable(`Postgres can't be reached (${code || (error as Error).message}); check DATABASE_URL`, {
    cause: error,
  });
}

async function whatIsMissing(client: pg.Client, schema: string, emits: readonly string[]): Promise<string[]> {
  const role = rolesOf(schema).service;
  const present = await client.query<{
    platform: boolean;
    store: boolean;
    execute: boolean;
    vault: boolean;
    budgets: boolean;
  }>(
    `select to_regclass('towpath.migrations') is not null as platform, to_regclass($1) is not null as store,
       coalesce((select bool_or(has_function_privilege(p.oid, 'execute')) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname = $2 and p.proname = 'commit_group'), false) as execute,
       coalesce((select bool_or(has_function_privilege(p.oid, 'execute')) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname = 'vault' and p.proname = 'keys_for'), false) as vault,
       coalesce((select bool_or(has_function_privilege(p.oid, 'execute')) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
         where n.nspname = 'budgets' and p.proname = 'reserve'), false) as budgets`,
    [`${schema}.events`, schema],
  );
  const { platform, store, execute, vault, budgets } = present.rows[0]!;
  if (!platform) return ['schema towpath'];
  if (!store) return [`schema ${schema} (the service's store)`];
  const missing: string[] = [];
  if (!execute) missing.push(`role ${role} may not execute ${schema}.commit_group`);
  if (!vault) missing.push(`role ${role} may not execute vault.keys_for`);
  if (!budgets) missing.push(`role ${role} may not execute budgets.reserve`);
  const published = await client.query(
    "select from pg_publication_tables where pubname = 'towpath' and schemaname = $1 and tablename = 'events'",
    [schema],
  );
  if (!published.rowCount) missing.push(`${schema}.events in the publication towpath`);
  return [...missing, ...(await missingMigrations(client, schema)), ...(await missingEmits(client, schema, emits))];
}

async function missingMigrations(client: pg.Client, schema: string): Promise<string[]> {
  const applied = await client.query<{ name: string }>('select name from towpath.migrations where scope = $1', [
    schema,
  ]);
  const names = new Set(applied.rows.map((row) => row.name));
  return ownMigrations('store')
    .filter((migration) => !names.has(migration.name))
    .map((migration) => `migration ${schema}/${migration.name}`);
}

async function missingEmits(client: pg.Client, schema: string, emits: readonly string[]): Promise<string[]> {
  if (emits.length === 0) return [];
  const found = await client.query<{ type: string }>(
    `select t as type from unnest($1::text[]) t where not exists (select from ${schema}.emits e where e.type = t)`,
    [emits],
  );
  return found.rows.map((row) => `type ${row.type} in ${schema}.emits`);
}
