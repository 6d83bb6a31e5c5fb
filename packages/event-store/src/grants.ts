import type { Contract } from '@towpath/contracts/contract';
import type pg from 'pg';
import { rolesOf, schemaOf } from './names.js';

/** Gives each role what it needs and nothing else; see "Set-up once" in the design. */
export async function grantAccess(admin: pg.Client, schemas: readonly string[]): Promise<void> {
  const services = schemas.map((schema) => rolesOf(schema).service);
  const everyone = [...services, 'cdc_service', 'towpath_reader'].join(', ');
  await admin.query('revoke create on schema public from public');
  await admin.query(
    `grant usage on schema towpath to ${everyone}; grant select on all tables in schema towpath to ${everyone}`,
  );
  await admin.query(`grant usage on schema cdc to cdc_service, towpath_reader; grant select on all tables in schema cdc to towpath_reader;
    grant select, insert, update, delete on all tables in schema cdc to cdc_service`);
  await admin.query(`grant usage on schema vault to towpath_revealer;
    grant execute on function vault.reveal(text, text[]) to towpath_revealer`);
  // vault.reveal looks there for the operation that it is asked for.
  if (schemas.includes('triage')) {
    await admin.query(`grant usage on schema triage to vault_owner;
      grant select (stream, type, data, occurred_at) on triage.events to vault_owner`);
  }
  if (services.length > 0) {
    await admin.query(`grant usage on schema vault to ${services.join(', ')};
      grant execute on function vault.keys_for(text[]), vault.lookup_key() to ${services.join(', ')}`);
  }
  for (const schema of schemas) {
    const { service } = rolesOf(schema);
    await admin.query(`grant select on all tables in schema ${schema} to ${service}, towpath_reader;
      grant select on ${schema}.events, ${schema}.emits to cdc_service`);
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
    await admin.query(`delete from ${schema}.emits where type <> all ($1::text[])`, [types]);
    await admin.query(
      `insert into ${schema}.emits (type, kind) select * from unnest($1::text[], $2::text[])
       on conflict (type) do update set kind = excluded.kind where emits.kind <> excluded.kind`,
      [types, kinds],
    );
    await admin.query(
      'insert into towpath.stores (schema, service) values ($1, $2) on conflict (schema) do update set service = excluded.service',
      [schema, service],
    );
  }
}

/** The contracts a service may append: its own and every platform contract. */
export function emittedBy(service: string, contracts: readonly Contract[]): Contract[] {
  return contracts.filter(
    (contract) =>
      contract.producers.includes(service) || (contract.kind === 'platform' && contract.producers.length === 0),
  );
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
