import { createHmac, createSecretKey } from 'node:crypto';
import pg from 'pg';
import { StoreRefusal, StoreUnavailable } from './errors.js';
import { deadLetterSubject } from './sealed-letter.js';
import { storeErrorOf } from './sql-errors.js';

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
  /**
   * Destroys keys for a recorded erasure; this process forgets them at once, others within 60 s. Safe to repeat. Returns when
   * each was destroyed, by this call or before. Triage's role alone may. Throws `ERASURE_UNRECORDED`, `STORE_UNAVAILABLE`.
   */
  erase(erasure: Erasure, subjects: readonly string[]): Promise<Map<string, Date>>;
  /** The same for the keys of dead letters and of what people edited in them, by their ids; every service may. */
  eraseDeadLetters(erasure: Erasure, deadLetterIds: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** What a key is destroyed for. */
export interface Erasure {
  readonly erasureId: string;
  /** the person that is erased */
  readonly subject: string;
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
  const { keysFor, forget } = cachedKeys(
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
    async erase({ erasureId, subject }, subjects) {
      const erasedAt = new Map<string, Date>();
      for (const asked of slices(subjects)) {
        const text = 'select subject, erased_at from vault.erase($1, $2, $3)';
        const { rows } = await ask(() =>
          pool.query<{ subject: string; erased_at: Date }>(text, [erasureId, subject, asked]),
        );
        for (const row of rows) erasedAt.set(row.subject, row.erased_at);
      }
      forget(subjects);
      return erasedAt;
    },
    async eraseDeadLetters({ erasureId, subject }, deadLetterIds) {
      for (const asked of slices(deadLetterIds)) {
        await ask(() => pool.query('select vault.erase_dead_letters($1, $2, $3)', [erasureId, subject, asked]));
      }
      forget(deadLetterIds.flatMap((deadLetterId) => [deadLetterId, deadLetterSubject({ deadLetterId })]));
    },
    close: () => pool.end(),
  };
}

/** Remembers keys for 60 s, at most 100,000 of them, the oldest leaving first; erased subjects are remembered as null. */
export function cachedKeys(
  fetchKeys: (subjects: string[]) => Promise<Map<string, Buffer | null>>,
  now: () => number,
): Pick<Vault, 'keysFor'> & { forget(subjects: readonly string[]): void } {
  const cache = new Map<string, CachedKey>();
  const keysFor: Vault['keysFor'] = async (subjects) => {
    const keys = new Map<string, Buffer | null>();
    const missing: string[] = [];
    const time = now();
    for (const subject of new Set(subjects)) {
      const cached = cache.get(subject);
      if (cached && cached.until > time) keys.set(subject, cached.key);
      else missing.push(subject);
    }
    for (const asked of slices(missing)) {
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
  return {
    keysFor,
    forget(subjects) {
      for (const subject of subjects) cache.delete(subject);
    },
  };
}

function* slices(subjects: readonly string[]): Generator<string[]> {
  for (let start = 0; start < subjects.length; start += subjectsPerCallMax) {
    yield subjects.slice(start, start + subjectsPerCallMax);
  }
}

async function ask<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    const refusal = storeErrorOf(error);
    if (refusal instanceof StoreRefusal && refusal.code === 'ERASURE_UNRECORDED') throw refusal;
    throw new StoreUnavailable(
      `the vault did not answer (${(error as { code?: string }).code ?? 'connection'}); check VAULT_URL and run towpath setup`,
      {
        cause: error,
      },
    );
  }
}
