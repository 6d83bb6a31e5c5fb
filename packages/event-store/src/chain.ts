import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { StoreRefusal } from './errors.js';
import type { DomainEvent } from './types.js';

/** SHA-256 over the RFC 8785 form of what the event says. Throws `UNSTORABLE` for what has no such form. */
export function digestOf(event: DomainEvent): Buffer {
  const { id, type, stream, data, metadata, occurredAt } = event;
  try {
    const canonical = canonicalize({ id, type, stream, data, metadata, occurredAt: occurredAt.toISOString() });
    return createHash('sha256').update(canonical!).digest();
  } catch (error) {
    throw new StoreRefusal('UNSTORABLE', `${type} ${id}: ${(error as Error).message}; JSON can't hold it`);
  }
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
