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

/** Of several processes with one `id` only the one that connected last can write. */
export interface Fence {
  /** the transactional id at the brokers; no transaction is made with it */
  readonly id: string;
  /**
   * Asked between connecting and each request. One that held the right then and lost it since is refused by the brokers
   * wherever its successor has written; one that lost it before must not write with the epoch it has just got.
   */
  permitted(): Promise<void>;
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

/** A producer that is connected later and dropped at once. */
export interface FencedProducer extends Producer {
  /** Connects now rather than with the first send; from then on the one before is refused. Rejects when no broker answers. */
  connect(): Promise<void>;
  /** Drops what waits and hangs up; what is in flight may still land, until a successor has written there. */
  abandon(): void;
}

/** Connects a producer: acks=all, idempotent, group send. Rejects when no broker answers. */
export async function createProducer(options: ProducerOptions): Promise<Producer> {
  const transport = new KafkaTransport(createClient(options), options.logger);
  await transport.connect();
  return producerOn(transport, options);
}

/** A producer that others with the same fence can shut out; see `Fence`. Connects nothing by itself. */
export function openFencedProducer(options: ProducerOptions, fence: Fence): FencedProducer {
  const transport = new KafkaTransport(createClient(options), options.logger, fence.id);
  const sender = groupSenderOn(transport, options, () => fence.permitted());
  return {
    ...producerOn(transport, options, sender),
    connect: () => transport.connect(),
    abandon: () => {
      sender.abandon();
      transport.dispose();
    },
  };
}

function producerOn(
  transport: KafkaTransport,
  options: ProducerOptions,
  sender = groupSenderOn(transport, options),
): Producer {
  return {
    send: (records) => sender.send(records),
    pending: () => sender.pending(),
    close: async () => {
      await sender.close();
      await transport.close();
    },
  };
}

function groupSenderOn(
  transport: KafkaTransport,
  options: ProducerOptions,
  permitted?: () => Promise<void>,
): GroupSender {
  return new GroupSender({
    transport,
    pendingRecordsMax: options.pendingRecordsMax ?? 10_000,
    pendingBytesMax: options.pendingBytesMax ?? 32 * 1024 * 1024,
    deadlineMs: options.sendDeadlineMs ?? 30_000,
    ...(permitted ? { permitted } : {}),
  });
}
