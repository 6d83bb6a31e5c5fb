import { createHmac, createSecretKey } from 'node:crypto';
import pg from 'pg';
import { StoreUnavailable } from './errors.js';

const cacheMsMax = 60_000;
const cachedSubjectsMax = 100_000;
const subjectsPerCallMax = 5_000;

/** Keys of data subjects and the key of lookups, from the schema `vault`. */
export interface Vault {
  /**
   * AES-256 keys by subject; missing ones are made, an erased subject has null. Cached for at most 60 s, so an erasure
   * is everywhere after that. Throws `STORE_UNAVAILABLE` when the vault can't be reached.
   */
  keysFor(subjects: Iterable<string>): Promise<Map<string, Buffer | null>>;
  /** Keyed HMAC-SHA-256 of a value, 32 hex digits: equal values are found by it, and nobody can read them from it. */
  lookupHash(value: string): string;
  close(): Promise<void>;
}

interface CachedKey {
  readonly key: Buffer | null;
  readonly until: number;
}

/** Connects to the vault and reads the lookup key. `url` is a service role's; `now` is a monotonic clock in ms. */
export async function openVault(options: { url: string; poolSize?: number; now?: () => number }): Promise<Vault> {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.poolSize ?? 2,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  // Idle connections that break are replaced by the pool; the next call tells.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  const found = await ask(() => pool.query<{ key: Buffer }>('select vault.lookup_key() as key'));
  const lookupKey = createSecretKey(found.rows[0]!.key);
  const keysFor = cachedKeys(
    async (subjects) => {
      const result = await ask(() =>
        pool.query<{ subject: string; key: Buffer | null }>({
          name: 'vault_keys_for',
          text: 'select subject, key from vault.keys_for($1)',
          values: [subjects],
        }),
      );
      return new Map(result.rows.map((row) => [row.subject, row.key]));
    },
    options.now ?? (() => performance.now()),
  );
  return {
    keysFor,
    lookupHash: (value) => createHmac('sha256', lookupKey).update(value).digest('hex').slice(0, 32),
    close: () => pool.end(),
  };
}

/** Remembers keys for 60 s, at most 100,000 of them, the oldest leaving first; erased subjects are remembered as null. */
export function cachedKeys(
  fetchKeys: (subjects: string[]) => Promise<Map<string, Buffer | null>>,
  now: () => number,
): Vault['keysFor'] {
  const cache = new Map<string, CachedKey>();
  return async (subjects) => {
    const keys = new Map<string, Buffer | null>();
    const missing: string[] = [];
    const time = now();
    for (const subject of new Set(subjects)) {
      const cached = cache.get(subject);
      if (cached && cached.until > time) keys.set(subject, cached.key);
      else missing.push(subject);
    }
    for (let start = 0; start < missing.length; start += subjectsPerCallMax) {
      const asked = missing.slice(start, start + subjectsPerCallMax);
      const fetched = await fetchKeys(asked);
      for (const subject of asked) {
        const key = fetched.get(subject) ?? null;
        keys.set(subject, key);
        // Deleted first, so that insertion order is age; the time before the call, so that 60 s holds whatever the call took.
        cache.delete(subject);
        cache.set(subject, { key, until: time + cacheMsMax });
      }
    }
    for (const oldest of cache.keys()) {
      if (cache.size <= cachedSubjectsMax) break;
      cache.delete(oldest);
    }
    return keys;
  };
}

async function ask<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw new StoreUnavailable(
      `the vault did not answer (${(error as { code?: string }).code ?? 'connection'}); check VAULT_URL and run towpath setup`,
      {
        cause: error,
      },
    );
  }
}
