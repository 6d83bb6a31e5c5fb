import { createClient } from './client.js';
import { GroupSender } from './group-sender.js';
import { KafkaTransport } from './producer-transport.js';
import type { Logger, OutboundRecord } from './record.js';

export interface ProducerOptions {
  brokers: string[];
  clientId: string;
  logger: Logger;
  /** records that may wait or be in flight before `send` rejects with `BACKPRESSURE`; default 10,000 */
  pendingRecordsMax?: number;
  /** bytes that may wait or be in flight; default 32 MiB */
  pendingBytesMax?: number;
  /** the hard end of one attempt, retries included; default 30 s */
  sendDeadlineMs?: number;
}

export interface Producer {
  /**
   * Resolves when all in-sync replicas hold every record (acks=all). Records of one key land in the order they were
   * given, over calls too. Everything waiting goes into the next request; one is in flight at a time.
   * Rejects with a `KafkaError`:
   * - `BACKPRESSURE`, `RECORD_TOO_LARGE`, `CLOSED`: nothing of this call was sent.
   * - `SEND_NOT_ATTEMPTED`: nothing was sent, because an earlier send failed or no broker could be reached; send again.
   * - `SEND_OUTCOME_UNKNOWN`: it may have landed or not, or land later; send again, receivers dedupe by `ce_id` (K12).
   * - `SEND_REFUSED`: the broker refused records of this call; sending them again can't help.
   */
  send(records: OutboundRecord[]): Promise<void>;
  /** records that wait or are in flight */
  pending(): number;
  /** Sends what waits, then disconnects; bounded by the send deadline. */
  close(): Promise<void>;
}

/** Connects a producer: acks=all, idempotent, group send. Rejects when no broker answers. */
export async function createProducer(options: ProducerOptions): Promise<Producer> {
  const transport = new KafkaTransport(createClient(options), options.logger);
  await transport.connect();
  const sender = new GroupSender({
    transport,
    pendingRecordsMax: options.pendingRecordsMax ?? 10_000,
    pendingBytesMax: options.pendingBytesMax ?? 32 * 1024 * 1024,
    deadlineMs: options.sendDeadlineMs ?? 30_000,
  });
  return {
    send: (records) => sender.send(records),
    pending: () => sender.pending(),
    close: async () => {
      await sender.close();
      await transport.close();
    },
  };
}
