import pg from 'pg';
import { keyIdOf } from './checkpoint.js';
import { grantAccess, publish, storeEmits } from './grants.js';
import { INBOX_AHEAD_DAYS, INBOX_KEEP_DAYS } from './inbox.js';
import { fill, migrate, ownMigrations } from './migrate.js';
import { rolesOf, schemaOf } from './names.js';
import { createRoles } from './roles.js';
import type { RegisteredSchema, SetupOptions, SetupReport } from './setup-types.js';

// Any constant: two set-ups of one database wait for each other.
const setupLock = 7_230_001;

/**
 * Brings a database to what the services need: roles, schemas, tables, functions, grants, publication, slot, `emits`.
 * Idempotent and safe to run twice at once. Changes nothing that is in place.
 */
export async function setupDatabase(options: SetupOptions): Promise<SetupReport> {
  await createDatabase(options.adminUrl);
  const admin = new pg.Client({ connectionString: options.adminUrl, options: '-c client_min_messages=warning' });
  await admin.connect();
  try {
    await admin.query('select pg_advisory_lock($1)', [setupLock]);
    const schemas = options.services.map(schemaOf);
    await createRoles(admin, schemas, options.passwords);
    const applied = await applyAll(admin, options);
    await grantAccess(admin, schemas);
    await storeEmits(admin, options.services, [...options.contracts]);
    if (options.schemas?.length) await writeSchemaIds(admin, options.schemas, options);
    if (options.checkpointKey) await storeCheckpointKey(admin, options.checkpointKey);
    await publish(admin, schemas);
    const slotCreated = await createSlot(admin, options.slot === undefined ? 'towpath_relay' : options.slot, schemas);
    return { applied, schemas, slotCreated };
  } finally {
    await admin.end();
  }
}

/** Stores the registry's ids; services start from them while the registry is away. */
export async function storeSchemaIds(
  options: Pick<SetupOptions, 'adminUrl' | 'contracts'>,
  schemas: readonly RegisteredSchema[],
): Promise<void> {
  const admin = new pg.Client({ connectionString: options.adminUrl });
  await admin.connect();
  try {
    await writeSchemaIds(admin, schemas, options);
  } finally {
    await admin.end();
  }
}

async function storeCheckpointKey(admin: pg.Client, publicKey: Buffer): Promise<void> {
  await admin.query('insert into cdc.checkpoint_keys (id, public_key) values ($1, $2) on conflict do nothing', [
    keyIdOf(publicKey),
    publicKey,
  ]);
}

async function createDatabase(adminUrl: string): Promise<void> {
  const name = decodeURIComponent(new URL(adminUrl).pathname.slice(1));
  const maintenance = new URL(adminUrl);
  maintenance.pathname = '/postgres';
  const client = new pg.Client({ connectionString: maintenance.href });
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount) return;
    await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } catch (error) {
    // 42P04 and 23505: a set-up at the same time made it
    if (!['42P04', '23505'].includes((error as { code?: string }).code ?? '')) throw error;
  } finally {
    await client.end();
  }
}

async function applyAll(admin: pg.Client, options: SetupOptions): Promise<string[]> {
  await admin.query(`create schema if not exists towpath; create table if not exists towpath.migrations (
    scope text, name text, checksum text not null, applied_at timestamptz not null default clock_timestamp(), primary key (scope, name))`);
  await admin.query(`create schema if not exists vault authorization vault_owner; create schema if not exists cdc;
    create schema if not exists budgets authorization budgets_owner`);
  const applied = [
    ...(await migrate(admin, { name: 'platform', schema: 'towpath' }, ownMigrations('platform'))),
    ...(await migrate(admin, { name: 'vault', schema: 'vault', role: 'vault_owner' }, ownMigrations('vault'))),
    ...(await migrate(admin, { name: 'budgets', schema: 'budgets', role: 'budgets_owner' }, ownMigrations('budgets'))),
    ...(await migrate(admin, { name: 'cdc', schema: 'cdc' }, ownMigrations('cdc'))),
  ];
  for (const service of options.services) {
    const schema = schemaOf(service);
    const { owner, service: role } = rolesOf(schema);
    const values = { name: service, schema, owner, service: role, lock: `hashtextextended('${schema}', 7230)` };
    await admin.query(`create schema if not exists ${schema} authorization ${owner}`);
    const scope = { name: schema, schema, role: owner };
    applied.push(
      ...(await migrate(
        admin,
        scope,
        ownMigrations('store').map((file) => fill(file, values)),
      )),
    );
    const own = (options.migrationsOf?.(service) ?? []).map((file) => fill(file, values));
    applied.push(...(await migrate(admin, { ...scope, name: `${schema}.app` }, own)));
    await admin.query(`grant usage on schema ${schema} to ${role}, towpath_reader, cdc_service, towpath_archivist`);
    await admin.query(`select ${schema}.maintain_inbox($1, $2, now())`, [INBOX_AHEAD_DAYS, INBOX_KEEP_DAYS]);
  }
  return applied;
}

async function writeSchemaIds(
  admin: pg.Client,
  schemas: readonly RegisteredSchema[],
  options: Pick<SetupOptions, 'contracts'>,
) {
  const contracts = new Map([...options.contracts].map((contract) => [contract.type, contract]));
  for (const schema of schemas) {
    await admin.query(
      `insert into towpath.schemas (type, subject, schema_id, topic_template, contract) values ($1, $2, $3, $4, $5)
       on conflict (type) do update set subject = excluded.subject, schema_id = excluded.schema_id,
         topic_template = excluded.topic_template, contract = excluded.contract`,
      [
        schema.type,
        schema.subject,
        schema.schemaId,
        schema.topicTemplate,
        JSON.stringify(contracts.get(schema.type) ?? {}),
      ],
    );
  }
}

/**
 * Only the first slot: a new one would skip what was written since the old was lost, so that is the relay's, which publishes
 * from the tables what the slot lacks.
 */
async function createSlot(admin: pg.Client, slot: string | null, schemas: readonly string[]): Promise<boolean> {
  if (slot === null) return false;
  const found = await admin.query(
    'select from pg_replication_slots where slot_name = $1 union all select from cdc.progress where slot = $1',
    [slot],
  );
  if (found.rowCount) return false;
  for (const schema of schemas) {
    if ((await admin.query(`select from ${schema}.events limit 1`)).rowCount) return false;
  }
  await admin.query("select pg_create_logical_replication_slot($1, 'pgoutput')", [slot]);
  return true;
}
