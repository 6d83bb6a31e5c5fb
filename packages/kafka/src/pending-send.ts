import type { KafkaError } from './kafka-error.js';
import type { OutboundRecord } from './record.js';

const RECORD_OVERHEAD_BYTES = 40;

/** One call of `send`, settled once. */
export interface Call {
  /** records not yet acknowledged */
  remaining: number;
  settled: boolean;
  resolve(): void;
  reject(error: KafkaError): void;
}

/** One record of a call, until it is acknowledged or given up. */
export interface Waiting {
  record: OutboundRecord;
  bytes: number;
  call: Call;
  /** no longer counted as pending */
  released: boolean;
}

/** The calls a group's records belong to, in order. */
export function callsOf(group: Waiting[]): Call[] {
  return [...new Set(group.map(({ call }) => call))];
}

/** One record of the call has landed; the last one resolves it. */
export function acknowledge(call: Call): void {
  call.remaining -= 1;
  if (call.remaining > 0 || call.settled) return;
  call.settled = true;
  call.resolve();
}

export function rejectOnce(call: Call, error: KafkaError): void {
  if (call.settled) return;
  call.settled = true;
  call.reject(error);
}

/** About what a record takes in a batch. */
export function bytesOf({ key, value, headers }: OutboundRecord): number {
  let bytes = RECORD_OVERHEAD_BYTES + Buffer.byteLength(key) + value.length;
  for (const name in headers) bytes += name.length + Buffer.byteLength(headers[name] ?? '') + 4;
  return bytes;
}
