/** Postgres counts microseconds from 2000-01-01; Unix from 1970. */
const postgresEpochMs = 946_684_800_000;

/**
 * The status message that confirms everything before `confirmed` (0: nothing yet, which Postgres leaves as it was).
 * `replyWanted` asks the server for a keepalive, so that a dead connection is noticed.
 */
export function standbyStatus(confirmed: bigint, nowMs: number, replyWanted: boolean): Buffer {
  const message = Buffer.allocUnsafe(34);
  message[0] = 0x72; // r
  message.writeBigUInt64BE(confirmed, 1); // written
  message.writeBigUInt64BE(confirmed, 9); // flushed: what the slot may forget
  message.writeBigUInt64BE(confirmed, 17); // applied
  message.writeBigInt64BE(BigInt(nowMs - postgresEpochMs) * 1_000n, 25);
  message[33] = replyWanted ? 1 : 0;
  return message;
}

/** What the server sends between changes: how far it has read, and whether it wants a status now. */
export interface Keepalive {
  readonly end: bigint;
  readonly replyWanted: boolean;
}

/** Reads a keepalive message (`k`). */
export function readKeepalive(message: Buffer): Keepalive {
  return { end: message.readBigUInt64BE(1), replyWanted: message[17] === 1 };
}
