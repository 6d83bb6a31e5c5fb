import { createHash } from 'node:crypto';
import { CheckpointLeaves } from '@towpath/contracts/audit/CheckpointLeaves.v1';
import { CheckpointSigned } from '@towpath/contracts/audit/CheckpointSigned.v1';
import { encode } from '@towpath/contracts/codec';
import type { Contract } from '@towpath/contracts/contract';
import { buildHeaders } from '@towpath/kafka/headers';
import type { OutboundRecord } from '@towpath/kafka/record';
import { frame } from '@towpath/kafka/wire';
import { uuidV5 } from '@towpath/service-kit/uuid-v5';
import { SetupMissing } from './slot.js';

const namespace = Buffer.from('0fb0c0a2c1aa5a3f9d3d1c5a4be0f3c7', 'hex');

/** The record of a part of a checkpoint's leaves. */
export function leavesRecord(data: CheckpointLeaves, schemaIds: ReadonlyMap<string, number>, at: Date): OutboundRecord {
  return recordOf(CheckpointLeaves, data, schemaIds, at);
}

/** The record of a signed statement. */
export function signedRecord(data: CheckpointSigned, schemaIds: ReadonlyMap<string, number>, at: Date): OutboundRecord {
  return recordOf(CheckpointSigned, data, schemaIds, at);
}

/** The same content has the same id. */
function recordOf<T extends { log: string }>(
  contract: Contract<T>,
  data: T,
  schemaIds: ReadonlyMap<string, number>,
  time: Date,
): OutboundRecord {
  const { type, topic } = contract;
  const schemaId = schemaIds.get(type);
  if (schemaId === undefined) {
    throw new SetupMissing('SCHEMA_IDS_MISSING', `no registry id of ${type} is stored: run \`towpath setup\``);
  }
  const value = encode(contract, data);
  const id = uuidV5(namespace, createHash('sha256').update(value).digest('hex'));
  return {
    topic,
    key: data.log,
    value: frame(schemaId, value),
    headers: buildHeaders({
      ...{ id, source: '/services/cdc', type, time, subject: data.log, correlationId: id, causationId: id },
      ...{ hops: 0, path: [] },
    }),
  };
}
