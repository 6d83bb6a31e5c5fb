import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The W3C trace context for what follows: the sender's trace goes on when it sent a valid one, else a new trace starts. */
export function nextTraceparent(incoming: string | undefined): string {
  const match = incoming === undefined ? null : TRACEPARENT.exec(incoming);
  const random = randomHex();
  return `00-${match?.[1] ?? random.slice(16)}-${random.slice(0, 16)}-${match?.[2] ?? '01'}`;
}

const HEX_LENGTH = 48;
const POOL_BYTES = 64 * (HEX_LENGTH / 2);
let pool = '';
let used = 0;

/** 24 random bytes, drawn from the system 64 at a time: a call for each costs more than the rest of a record's headers. */
function randomHex(): string {
  if (used === pool.length) {
    pool = randomBytes(POOL_BYTES).toString('hex');
    used = 0;
  }
  used += HEX_LENGTH;
  return pool.slice(used - HEX_LENGTH, used);
}
