import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { decode, toJson } from '@towpath/contracts/codec';
import { rebuildEvent } from '@towpath/event-store/restore/rebuilt-event';
import type { Obstacle, Place } from '@towpath/event-store/restore/stream-tail';
import type { DomainEvent } from '@towpath/event-store/types';
import { parseHeaders, storedTraceOf } from '@towpath/kafka/headers';
import type { InspectedRecord } from '@towpath/kafka/inspect';
import type { Registry } from '@towpath/kafka/registry';
import { unframe } from '@towpath/kafka/wire';
import { failureOf } from '../../error-line.js';

/** An event as a record carries it, with its place in its stream's chain. */
export type RecordEvent = DomainEvent & Place;

export interface Decoding {
  /** ids of our own schemas by type */
  readonly schemaIds: ReadonlyMap<string, number>;
  /** asked for schemas that are not ours */
  readonly registry: Pick<Registry, 'schemaOf'>;
}

/**
 * The event that a store appended, byte for byte, or why the record does not give it: `UNDECODABLE`, `CONTRACT_UNKNOWN`,
 * `UNHASHED` (published before records said their hash) or `DIGEST_MISMATCH` (it is not what the store had).
 */
export async function eventOf(record: InspectedRecord, decoding: Decoding): Promise<RecordEvent | Obstacle> {
  const { type } = record;
  if (!isContract(type)) return { code: 'CONTRACT_UNKNOWN', detail: `there is no contract ${type}` };
  try {
    const { digest, hash, stream = '', sequence: version = 0, ...carried } = parseHeaders(record.headers);
    const { traceparent: _sending, tracestate: _carriedOn, ...headers } = carried;
    if (digest === undefined || hash === undefined) {
      return { code: 'UNHASHED', detail: 'its record says neither digest nor hash: an older relay published it' };
    }
    const data = await dataOf(record, decoding);
    const event = rebuildEvent(
      { ...headers, ...storedTraceOf(record.headers), stream, digest },
      contractOf(type),
      data,
    );
    if (event) return { ...event, version, digest: Buffer.from(digest, 'hex'), hash: Buffer.from(hash, 'hex') };
    return { code: 'DIGEST_MISMATCH', detail: 'its content does not give the digest that its store had' };
  } catch (error) {
    const { code, message } = failureOf(error);
    // That says nothing about the record.
    if (code === 'REGISTRY_UNAVAILABLE') throw error;
    return { code: 'UNDECODABLE', detail: message };
  }
}

async function dataOf({ type, value }: InspectedRecord, { schemaIds, registry }: Decoding): Promise<object> {
  const contract = contractOf(type);
  const { schemaId, payload } = unframe(value ?? Buffer.alloc(0));
  const writer = schemaIds.get(type) === schemaId ? undefined : (await registry.schemaOf(schemaId)).schema;
  return toJson(contract, decode(contract, payload, writer)) as object;
}
