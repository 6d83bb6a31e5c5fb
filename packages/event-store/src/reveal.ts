import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import pg from 'pg';
import { decryptPii, subjectsOf } from './cipher.js';
import { deadLetterSubject, openLetter, type Sealable } from './sealed-letter.js';
import { storeErrorOf } from './sql-errors.js';

/** Decrypts personal data for a person whose look at it is recorded. */
export interface Revealer {
  /**
   * The data with its `pii` fields readable, or `erased`. Each call is a row of `vault.reveals`. Data of a contract that this
   * build doesn't have stays as it is; a dead letter as it is stored (bytes as base64) is opened, or stays sealed when erased. Throws `REVEAL_UNRECORDED` when triage has no such operation of the last hour, and
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
  const keysOf = async (subjects: readonly string[]): Promise<Map<string, Buffer | null>> => {
    try {
      const { rows } = await pool.query<{ subject: string; key: Buffer | null }>(
        'select subject, key from vault.reveal($1, $2)',
        [options.operationId, subjects],
      );
      return new Map(rows.map(({ subject, key }) => [subject, key]));
    } catch (error) {
      throw storeErrorOf(error);
    }
  };
  return {
    async reveal(type, data) {
      if (!isContract(type) || typeof data !== 'object' || data === null) return data;
      if (type === DeadLettered.type) {
        const letter = data as Sealable;
        const subject = deadLetterSubject(letter);
        const key = (await keysOf([subject])).get(subject);
        return key && isStored(letter) ? openLetter(letter, key) : data;
      }
      const contract = contractOf(type);
      const subjects = subjectsOf(contract, data);
      return subjects.length === 0 ? data : decryptPii(contract, data, await keysOf(subjects));
    },
    close: () => pool.end(),
  };
}

/** As in a store; what a topic's reader decoded has its bytes as buffers. */
function isStored({ messageValue }: Sealable): boolean {
  return messageValue === null || typeof messageValue === 'string';
}
