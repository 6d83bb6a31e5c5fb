import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { StoreRefusal } from './errors.js';
import type { Migration } from './setup-types.js';

/** The SQL files of a folder in the order they run: numbered ones first, then `R_` ones. A missing folder has none. */
export function readMigrations(folder: string): Migration[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  const numbered = names.filter((name) => !name.startsWith('R_')).sort();
  const repeatable = names.filter((name) => name.startsWith('R_')).sort();
  return [...numbered, ...repeatable].map((name) => ({ name, sql: readFileSync(join(folder, name), 'utf8') }));
}

/** The migrations this package ships: `platform`, `vault`, `budgets`, `cdc`, or `store` (once per service). */
export function ownMigrations(scope: 'platform' | 'vault' | 'budgets' | 'cdc' | 'store'): Migration[] {
  return readMigrations(join(import.meta.dirname, '../migrations', scope));
}

/** Fills `{{name}}` placeholders. Throws `PLACEHOLDER_UNKNOWN` for one without a value. */
export function fill(migration: Migration, values: Readonly<Record<string, string>>): Migration {
  const sql = migration.sql.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) {
      throw new StoreRefusal(
        'PLACEHOLDER_UNKNOWN',
        `${migration.name} uses {{${name}}}; known: ${Object.keys(values).join(', ')}`,
      );
    }
    return value;
  });
  return { name: migration.name, sql };
}

/** Where and as whom a scope's migrations run. */
export interface Scope {
  /** name in `towpath.migrations` */
  readonly name: string;
  readonly schema: string;
  /** role that owns what they make; the admin itself when absent */
  readonly role?: string;
}

/** Applies what is not applied yet, each file in its own transaction. Returns the names applied now. */
export async function migrate(admin: pg.Client, scope: Scope, migrations: readonly Migration[]): Promise<string[]> {
  const known = await admin.query<{ name: string; checksum: string }>(
    'select name, checksum from towpath.migrations where scope = $1',
    [scope.name],
  );
  const checksums = new Map(known.rows.map((row) => [row.name, row.checksum]));
  const applied: string[] = [];
  for (const migration of migrations) {
    const checksum = createHash('sha256').update(migration.sql).digest('hex');
    const before = checksums.get(migration.name);
    if (before === checksum) continue;
    if (before !== undefined && !migration.name.startsWith('R_')) {
      throw new StoreRefusal(
        'MIGRATION_CHANGED',
        `${scope.name}/${migration.name} was applied with other content; restore it and add a new file (a development database: npm run reset)`,
      );
    }
    await apply(admin, scope, migration, checksum);
    applied.push(`${scope.name}/${migration.name}`);
  }
  return applied;
}

async function apply(admin: pg.Client, scope: Scope, migration: Migration, checksum: string): Promise<void> {
  await admin.query('begin');
  try {
    await admin.query(`set local search_path = ${scope.schema}, pg_temp`);
    if (scope.role) await admin.query(`set local role ${scope.role}`);
    await admin.query(migration.sql);
    await admin.query('reset role');
    await admin.query(
      `insert into towpath.migrations (scope, name, checksum) values ($1, $2, $3)
       on conflict (scope, name) do update set checksum = excluded.checksum, applied_at = clock_timestamp()`,
      [scope.name, migration.name, checksum],
    );
    await admin.query('commit');
  } catch (error) {
    await admin.query('rollback');
    throw new StoreRefusal('MIGRATION_FAILED', `${scope.name}/${migration.name}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}
