import { randomBytes } from 'node:crypto';

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;

/** The W3C trace context for what follows: the sender's trace goes on when it sent a valid one, else a new trace starts. */
export function nextTraceparent(incoming: string | undefined): string {
  const match = incoming === undefined ? null : TRACEPARENT.exec(incoming);
  const random = randomBytes(24).toString('hex');
  return `00-${match?.[1] ?? random.slice(16)}-${random.slice(0, 16)}-${match?.[2] ?? '01'}`;
}
