import { createHash, hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';
import { StoreRefusal } from './errors.js';
import type { DomainEvent } from './types.js';

/** What is stored of an event and what its digest covers. */
export interface Sealed {
  /** RFC 8785 text; Postgres gets the very text that was hashed */
  readonly data: string;
  readonly metadata: string;
  /** ISO 8601, UTC */
  readonly occurredAt: string;
  /** hexadecimal */
  readonly digest: string;
}

/**
 * SHA-256 over the RFC 8785 form of `{data, id, metadata, occurredAt, stream, type}`.
 * Throws `UNSTORABLE` for what has no such form.
 */
export function sealEvent(event: DomainEvent): Sealed {
  const { id, type, stream } = event;
  try {
    const occurredAt = event.occurredAt.toISOString();
    const data = canonicalJson(event.data);
    const metadata = canonicalMetadata(event.metadata);
    // The members in RFC 8785 order, so that data and metadata are written once.
    const rest = `"occurredAt":"${occurredAt}","stream":${JSON.stringify(stream)},"type":${JSON.stringify(type)}}`;
    const digest = hash('sha256', `{"data":${data},"id":${JSON.stringify(id)},"metadata":${metadata},${rest}`, 'hex');
    return { data, metadata, occurredAt, digest };
  } catch (error) {
    throw new StoreRefusal('UNSTORABLE', `${type} ${id}: ${(error as Error).message}; JSON can't hold it`);
  }
}

/** The digest alone. */
export function digestOf(event: DomainEvent): Buffer {
  return Buffer.from(sealEvent(event).digest, 'hex');
}

/** The hash before version 1 of a stream. */
export function firstLink(stream: string): Buffer {
  return createHash('sha256').update(stream).digest();
}

/** The next hash of a stream: SHA-256 over the previous one, the version (64 bits, big endian) and the digest. */
export function nextLink(previous: Buffer, version: number, digest: Buffer): Buffer {
  const place = Buffer.alloc(8);
  place.writeBigInt64BE(BigInt(version));
  return createHash('sha256').update(previous).update(place).update(digest).digest();
}

/** All messages of one decision carry the same metadata object. */
const metadataTexts = new WeakMap<object, string>();

function canonicalMetadata(metadata: object): string {
  const known = metadataTexts.get(metadata);
  if (known !== undefined) return known;
  const text = canonicalJson(metadata);
  metadataTexts.set(metadata, text);
  return text;
}
