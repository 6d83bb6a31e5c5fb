import { hash } from 'node:crypto';

/** UUIDv5 (RFC 9562) of a name in a namespace of 16 bytes: the same name always gives the same id. */
export function uuidV5(namespace: Buffer, name: string): string {
  const hex = uuidV5Bytes(namespace, name).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Its 16 bytes, which can be a namespace again. */
export function uuidV5Bytes(namespace: Buffer, name: string): Buffer {
  const bytes = hash('sha1', Buffer.concat([namespace, Buffer.from(name)]), 'buffer').subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes;
}
