import pg from 'pg';
import { StoreRefusal } from './errors.js';
import { rolesOf } from './names.js';
import { isVerifierOf, scramVerifier } from './scram.js';

const retries = 20;

/** Creates every role and brings its password up to date. Roles belong to the cluster, so parallel set-ups may meet here. */
export async function createRoles(
  admin: pg.Client,
  schemas: readonly string[],
  passwords: Readonly<Record<string, string>>,
) {
  const nologin = ['vault_owner', 'budgets_owner', ...schemas.map((schema) => rolesOf(schema).owner)];
  for (const role of nologin) {
    await createRole(admin, role, 'nologin');
    await settled(() => admin.query(`grant ${role} to current_user`));
  }
  for (const schema of schemas) {
    const { service } = rolesOf(schema);
    if (!passwords[service])
      throw new StoreRefusal('PASSWORD_MISSING', `no password for role ${service}; pass passwords.${service}`);
    await createLogin(admin, service, 'login', passwords);
  }
  await createLogin(admin, 'cdc_service', 'login replication', passwords);
  await createLogin(admin, 'towpath_reader', 'login', passwords);
  await createLogin(admin, 'towpath_revealer', 'login', passwords);
  await createLogin(admin, 'towpath_archivist', 'login', passwords);
}

async function createLogin(
  admin: pg.Client,
  role: string,
  attributes: string,
  passwords: Readonly<Record<string, string>>,
) {
  const password = passwords[role];
  await createRole(admin, role, attributes);
  // A tool's role without one keeps what it has; a new one can't log in until it gets one.
  if (!password) return;
  // Read as superuser; a managed cluster hides it, then the password is set each time.
  const stored = await admin
    .query<{ rolpassword: string | null }>('select rolpassword from pg_authid where rolname = $1', [role])
    .then((result) => result.rows[0]?.rolpassword ?? null)
    .catch(() => null);
  if (isVerifierOf(password, stored)) return;
  await settled(() =>
    admin.query(`alter role ${role} ${attributes} password ${pg.escapeLiteral(scramVerifier(password))}`),
  );
}

async function createRole(admin: pg.Client, role: string, attributes: string) {
  const found = await admin.query('select from pg_roles where rolname = $1', [role]);
  if (found.rowCount) return;
  await settled(() => admin.query(`create role ${role} ${attributes}`));
}

/** Runs a change of a role; "exists already" is success, "tuple concurrently updated" is tried again. */
async function settled(change: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await change();
      return;
    } catch (error) {
      const { code, message } = error as { code?: string; message?: string };
      if (code === '42710' || code === '23505') return;
      if (!(code === 'XX000' && message?.includes('concurrently')) || attempt === retries) throw error;
      await new Promise((resolve) => setTimeout(resolve, 10 * attempt));
    }
  }
}
