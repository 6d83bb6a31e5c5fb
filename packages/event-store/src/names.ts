import { StoreRefusal } from './errors.js';

/** The Postgres schema of a service: its name with `-` as `_`. Throws `BAD_NAME` for what is not a plain lower-case name. */
export function schemaOf(service: string): string {
  const schema = service.replaceAll('-', '_');
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(schema)) {
    throw new StoreRefusal('BAD_NAME', `"${service}" can't name a schema; use lower-case letters, digits and -`);
  }
  return schema;
}

/** The roles of a service's schema: `owner` owns the tables and can't log in, `service` is what the service connects as. */
export function rolesOf(schema: string): { owner: string; service: string } {
  return { owner: `${schema}_owner`, service: `${schema}_service` };
}
