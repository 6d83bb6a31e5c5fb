import { mayProduce, type Contract } from '@towpath/contracts/contract';
import type pg from 'pg';
import { rolesOf, schemaOf } from './names.js';

/** Gives each role what it needs and nothing else; see "Set-up once" in the design. */
export async function grantAccess(admin: pg.Client, schemas: readonly string[]): Promise<void> {
  const services = schemas.map((schema) => rolesOf(schema).service);
  const everyone = [...services, 'cdc_service', 'towpath_reader', 'towpath_archivist'].join(', ');
  await admin.query('revoke create on schema public from public');
  await admin.query(
    `grant usage on schema towpath to ${everyone}; grant select on all tables in schema towpath to ${everyone}`,
  );
  await admin.query(`grant usage on schema cdc to cdc_service, towpath_reader; grant select on all tables in schema cdc to towpath_reader;
    grant select, insert, update, delete on all tables in schema cdc to cdc_service;
    revoke insert, update, delete on cdc.checkpoint_keys from cdc_service;
    grant execute on function pg_log_standby_snapshot() to cdc_service`);
  await admin.query(`grant usage on schema vault to towpath_revealer;
    grant execute on function vault.reveal(text, text[]) to towpath_revealer`);
  await admin.query(`grant usage on schema budgets to towpath_reader;
    grant select on all tables in schema budgets to towpath_reader`);
  // The vault looks there for the operation or erasure that it is asked for.
  if (schemas.includes('triage')) {
    await admin.query(`grant usage on schema triage to vault_owner;
      grant select (stream, type, data, occurred_at) on triage.events to vault_owner;
      grant execute on function vault.erase(text, text, text[]) to ${rolesOf('triage').service}`);
  }
  if (services.length > 0) {
    await admin.query(`grant usage on schema vault to ${services.join(', ')};
      grant execute on function vault.keys_for(text[]), vault.lookup_key(),
        vault.erase_dead_letters(text, text, text[]) to ${services.join(', ')};
      grant usage on schema budgets to ${services.join(', ')};
      grant execute on function budgets.settle(uuid, bigint),
        budgets.reserve(uuid, text, text, bigint, bigint, bigint, bigint, integer) to ${services.join(', ')}`);
  }
  for (const schema of schemas) {
    const { owner, service } = rolesOf(schema);
    await admin.query(`grant select on all tables in schema ${schema} to ${service}, towpath_reader;
      grant select on ${schema}.events, ${schema}.emits to cdc_service`);
    // What was not published must not leave the store; only the store's own function looks.
    await admin.query(`grant usage on schema cdc to ${owner}; grant select (safe_xid) on cdc.progress to ${owner}`);
  }
}

/** Writes which types each schema may append; what left the contracts leaves the table. */
export async function storeEmits(
  admin: pg.Client,
  services: readonly string[],
  contracts: readonly Contract[],
): Promise<void> {
  for (const service of services) {
    const schema = schemaOf(service);
    const emitted = emittedBy(service, contracts);
    const types = emitted.map((contract) => contract.type);
    const kinds = emitted.map((contract) => contract.kind);
    const keepDays = emitted.map(keepDaysOf);
    await admin.query(`delete from ${schema}.emits where type <> all ($1::text[])`, [types]);
    await admin.query(
      `insert into ${schema}.emits (type, kind, keep_days) select * from unnest($1::text[], $2::text[], $3::integer[])
       on conflict (type) do update set kind = excluded.kind, keep_days = excluded.keep_days
         where (emits.kind, emits.keep_days) is distinct from (excluded.kind, excluded.keep_days)`,
      [types, kinds, keepDays],
    );
    await admin.query(
      'insert into towpath.stores (schema, service) values ($1, $2) on conflict (schema) do update set service = excluded.service',
      [schema, service],
    );
  }
}

/** Days that the store keeps an event of the contract; null = for ever. */
export function keepDaysOf({ retention }: Pick<Contract, 'retention'>): number | null {
  return retention === 'forever' ? null : Number.parseInt(retention, 10);
}

/** The contracts a service may append: its own and those that any service may. */
export function emittedBy(service: string, contracts: readonly Contract[]): Contract[] {
  return contracts.filter((contract) => mayProduce(contract, service));
}

/** The publication the relay reads: every store's events but internal ones, and the relay's heartbeat. */
export async function publish(admin: pg.Client, schemas: readonly string[]): Promise<void> {
  const exists = await admin.query("select from pg_publication where pubname = 'towpath'");
  if (!exists.rowCount) {
    await admin.query("create publication towpath for table cdc.heartbeat with (publish = 'insert, update')");
  }
  const published = await admin.query<{ schemaname: string }>(
    "select schemaname from pg_publication_tables where pubname = 'towpath' and tablename = 'events'",
  );
  const known = new Set(published.rows.map((row) => row.schemaname));
  for (const schema of schemas) {
    if (known.has(schema)) continue;
    await admin.query(`alter publication towpath add table ${schema}.events where (kind <> 'internal')`);
  }
}
