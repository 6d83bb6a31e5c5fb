import type pg from 'pg';
import type { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import { statementHash, type Statement } from '@towpath/event-store/checkpoint';
import type { Logger } from '@towpath/service-kit/logger';
import type { Lease } from './lease.js';

/** Where the next checkpoint continues. */
export interface LogState {
  /** the last statement, if any, and its hash */
  readonly last: { readonly statement: Statement; readonly hash: string } | undefined;
  /** the database is not the one that the last checkpoint was made of, or an earlier state of it: all events anew */
  readonly anew: boolean;
  /** signed and stored, but not on the topic: to be published before anything else */
  readonly unpublished: CheckpointSigned | undefined;
}

/**
 * The topic is what counts, the database's own row tells how it lags: a row ahead by one was not published before a kill; one
 * further ahead means that the topic lost checkpoints, and one behind that the database was set back.
 */
export function stateOf(
  topic: CheckpointSigned | undefined,
  row: CheckpointSigned | undefined,
  cluster: string,
  logger: Pick<Logger, 'error' | 'warn'>,
): LogState {
  const [published, stored] = [topic?.number ?? 0, row?.number ?? 0];
  const ahead = stored - published;
  if (ahead > 1) {
    logger.error(
      { code: 'CHECKPOINTS_MISSING', published, stored, alert: true },
      'relay.checkpoints_missing: audit.checkpoints ends before the last checkpoint; run `towpath verify`',
    );
  }
  const signed = ahead > 0 ? row : topic;
  if (!signed) return { last: undefined, anew: true, unpublished: undefined };
  const last = lastOf(signed);
  const anew = ahead < 0 || last.statement.cluster !== cluster;
  if (anew) {
    logger.warn(
      { log: signed.log, checkpoint: signed.number },
      'relay.checkpoints_anew: the database was set back or is another one; the next checkpoint covers all events again',
    );
  }
  return { last, anew, unpublished: ahead === 1 ? row : undefined };
}

export function lastOf({ statement }: Pick<CheckpointSigned, 'statement'>): NonNullable<LogState['last']> {
  return { statement: JSON.parse(statement) as Statement, hash: statementHash(statement) };
}

export async function loadCheckpoint(pool: pg.Pool, log: string): Promise<CheckpointSigned | undefined> {
  const { rows } = await pool.query<{ number: string; statement: string; signature: Buffer; key_id: string }>(
    'select number, statement, signature, key_id from cdc.checkpoints where log = $1',
    [log],
  );
  const [row] = rows;
  if (!row) return undefined;
  return { log, number: Number(row.number), statement: row.statement, signature: row.signature, keyId: row.key_id };
}

/** @throws LeaseHeld when another relay signs now */
export async function storeCheckpoint(pool: pg.Pool, lease: Lease, signed: CheckpointSigned): Promise<void> {
  const { log, number, statement, signature, keyId } = signed;
  await lease.whileHeld(
    pool,
    `insert into cdc.checkpoints (log, number, statement, signature, key_id) select $3, $4::bigint, $5, $6, $7 from held
     on conflict (log) do update set number = excluded.number, statement = excluded.statement, signature = excluded.signature,
       key_id = excluded.key_id, signed_at = clock_timestamp() returning 1`,
    [log, number, statement, signature, keyId],
  );
}
