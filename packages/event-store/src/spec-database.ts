import { randomBytes, randomUUID } from 'node:crypto';
import type { Contract } from '@towpath/contracts/contract';
import pg from 'pg';
import { openStore } from './pool.js';
import { setupDatabase } from './setup.js';
import type { SetupOptions } from './setup-types.js';
import type { EventStore, NewEvent } from './types.js';

/** A database of a spec's own with two services that no other spec has: roles are shared by the whole cluster. */
export interface SpecDatabase {
  readonly name: string;
  readonly adminUrl: string;
  readonly setup: SetupOptions;
  /** the two services; their schemas have the same names */
  readonly service: string;
  readonly other: string;
  readonly store: EventStore;
  urlOf(role: string): string;
  /** the admin's URL with the rights of another role, without its password */
  urlAs(role: string): string;
  admin(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  as(role: string, text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  drop(): Promise<void>;
}

/** The contracts that the spec's service appends. */
export const specContracts = [
  contract('spec.v1.Opened', 'event'),
  contract('spec.v1.Noted', 'internal'),
  contract('spec.v1.Seen', 'event', '90d'),
  contract('spec.v1.Copied', 'internal', '30d'),
];

/** Makes the database on the stack of the run. */
export async function createSpecDatabase(): Promise<SpecDatabase> {
  const id = randomBytes(4).toString('hex');
  const [service, other] = [`a${id}`, `b${id}`];
  const base = new URL(process.env['ADMIN_DATABASE_URL'] ?? '');
  base.pathname = `/t_${id}`;
  const adminUrl = base.href;
  const contracts = specContracts.map((one) => ({ ...one, producers: [service] }));
  const passwords = { [`${service}_service`]: 'spec', [`${other}_service`]: 'spec' };
  const setup: SetupOptions = { adminUrl, services: [service, other], contracts, passwords, slot: null };
  await setupDatabase(setup);
  const urlOf = (role: string) => Object.assign(new URL(adminUrl), { username: role, password: 'spec' }).href;
  const urlAs = (role: string) => `${adminUrl}?options=-c%20role%3D${role}`;
  const store = openStore({ url: urlOf(`${service}_service`), schema: service });
  return {
    name: `t_${id}`,
    adminUrl,
    setup,
    service,
    other,
    store,
    urlOf,
    urlAs,
    admin: (text, values) => once(adminUrl, text, values),
    as: (role, text, values) => once(urlAs(role), text, values),
    async drop() {
      await store.close();
      await once(
        Object.assign(new URL(adminUrl), { pathname: '/postgres' }).href,
        `drop database t_${id} with (force)`,
      );
      const roles = [service, other].flatMap((name) => [`${name}_service`, `${name}_owner`]);
      await once(Object.assign(new URL(adminUrl), { pathname: '/postgres' }).href, `drop role ${roles.join(', ')}`);
    },
  };
}

/** An event of the spec's service. */
export function specEvent(
  stream: string,
  expectedVersion: number | null = null,
  data: object = { note: 'x' },
): NewEvent {
  const metadata = { correlationId: randomUUID(), causationId: randomUUID(), hops: 1, handler: 'Spec' };
  return { id: randomUUID(), stream, type: 'spec.v1.Opened', data, metadata, occurredAt: new Date(), expectedVersion };
}

async function once(url: string, text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

function contract(type: string, kind: Contract['kind'], retention = 'forever'): Contract<Record<string, unknown>> {
  const name = type.slice(type.lastIndexOf('.') + 1);
  const rest = { producers: [], retention, pii: [], prompt: {}, doc: 'spec', schema: {} };
  return { type, name, kind, topic: 'spec.events', stream: 'spec', key: 'id', ...rest };
}
