import { contractOf, isContract } from '@towpath/contracts/catalogue';
import pg from 'pg';
import { decryptPii, subjectsOf } from './cipher.js';
import { storeErrorOf } from './sql-errors.js';

/** Decrypts personal data for a person whose look at it is recorded. */
export interface Revealer {
  /**
   * The data with its `pii` fields readable, or `erased`. Each call is a row of `vault.reveals`. Data of a contract that this
   * build doesn't have stays as it is. Throws `REVEAL_UNRECORDED` when triage has no such operation of the last hour, and
   * `PII_TAMPERED`.
   */
  reveal(type: string, data: unknown): Promise<unknown>;
  close(): Promise<void>;
}

/** Opens the vault for one recorded operation; `url` is `towpath_revealer`'s, which may do nothing else. */
export function openRevealer(options: { url: string; operationId: string }): Revealer {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: 1,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
  });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    async reveal(type, data) {
      if (!isContract(type) || typeof data !== 'object' || data === null) return data;
      const contract = contractOf(type);
      const subjects = subjectsOf(contract, data);
      if (subjects.length === 0) return data;
      try {
        const { rows } = await pool.query<{ subject: string; key: Buffer | null }>(
          'select subject, key from vault.reveal($1, $2)',
          [options.operationId, subjects],
        );
        return decryptPii(contract, data, new Map(rows.map(({ subject, key }) => [subject, key])));
      } catch (error) {
        throw storeErrorOf(error);
      }
    },
    close: () => pool.end(),
  };
}
