import { randomBytes } from 'node:crypto';
import type { TraceHeaders } from '@towpath/service-kit/tracing/trace-headers';

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})$/;
/** What senders of traces have to be able to carry at least; a longer one is dropped, as the W3C's recommendation allows. */
const TRACESTATE_CHARS_MAX = 512;

/** What a record carries for the next hop. */
export interface NextTrace {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/**
 * The W3C trace context for what follows when this service records no spans: the sender's trace goes on when it sent a
 * valid one, else a new trace starts.
 */
export function nextTrace({ traceparent, tracestate }: TraceHeaders): NextTrace {
  const match = traceparent ? TRACEPARENT.exec(traceparent) : null;
  const random = randomHex();
  const next = `00-${match?.[1] ?? random.slice(16)}-${random.slice(0, 16)}-${match?.[2] ?? '01'}`;
  return { traceparent: next, ...(match && tracestate && { tracestate }) };
}

/** The trace context that a request came with; what can not be one counts as absent. */
export function traceOfRequest(headers: Readonly<Record<string, string | string[] | undefined>>): TraceHeaders {
  const { traceparent, tracestate } = headers;
  if (typeof traceparent !== 'string') return {};
  const states = Array.isArray(tracestate) ? tracestate.join(',') : tracestate;
  return { traceparent, ...(states && states.length <= TRACESTATE_CHARS_MAX && { tracestate: states }) };
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
