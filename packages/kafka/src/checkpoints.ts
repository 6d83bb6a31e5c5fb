import { CheckpointLeaves } from '@towpath/contracts/audit/CheckpointLeaves.v1';
import { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import { decode } from '@towpath/contracts/codec';
import type { ClientOptions } from './client.js';
import { inspect } from './inspect.js';
import { unframe } from './wire.js';

/** A record of `audit.checkpoints`. */
export type CheckpointRecord = { readonly leaves: CheckpointLeaves } | { readonly signed: CheckpointSigned };

const { topic } = CheckpointSigned;
/** Leaves stand between checkpoints, and those of other logs: so many records are looked at first, then ever more. */
const recordsFirst = 200;

/** Every record of a log, in order. One that can't be decoded comes as a checkpoint that nobody signed. */
export async function* checkpointRecords(options: ClientOptions, log: string): AsyncGenerator<CheckpointRecord> {
  const types = [CheckpointLeaves.type, CheckpointSigned.type];
  for await (const { type, value } of inspect({ ...options, topic, from: 'beginning', types, key: log })) {
    yield recordOf(type, value, log);
  }
}

/** The last checkpoint of a log that `isValid`; undefined when the topic has none. */
export async function lastCheckpoint(
  options: ClientOptions,
  log: string,
  isValid: (signed: CheckpointSigned) => boolean,
): Promise<CheckpointSigned | undefined> {
  const { type } = CheckpointSigned;
  for (let last = recordsFirst; ; last *= 10) {
    const scanned = { records: 0, bytes: 0 };
    let found: CheckpointSigned | undefined;
    for await (const { value } of inspect({ ...options, topic, from: { last }, types: [type], key: log, scanned })) {
      const record = recordOf(type, value, log);
      if ('signed' in record && isValid(record.signed)) found = record.signed;
    }
    if (found || scanned.records < last) return found;
  }
}

function recordOf(type: string, value: Buffer | null, log: string): CheckpointRecord {
  try {
    const { payload } = unframe(value ?? Buffer.alloc(0));
    return type === CheckpointSigned.type
      ? { signed: decode(CheckpointSigned, payload) }
      : { leaves: decode(CheckpointLeaves, payload) };
  } catch {
    return { signed: { log, number: 0, statement: '', signature: Buffer.alloc(0), keyId: '(none)' } };
  }
}
