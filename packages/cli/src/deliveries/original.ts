import { inspect } from '@towpath/kafka/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import { registryOf } from '../follow-topics.js';
import { quietLogger } from '../quiet-logger.js';

/** A delivery as it came in. */
export interface Original {
  readonly deliveryId: string;
  readonly source: string;
  readonly signedId: string | null;
  readonly sha256: string;
  readonly remoteIp: string;
  readonly receivedAt: number;
  readonly body: Buffer;
}

/** Before the record's own time: clocks of two machines differ a little. */
const MARGIN_MS = 60_000;

/**
 * The delivery in the topic webhooks.received, which keeps it for 7 days. Throws DELIVERY_NOT_FOUND.
 * @param receivedAt when it is known to have come, to read less
 */
export async function originalOf(addresses: Addresses, deliveryId: string, receivedAt?: Date): Promise<Original> {
  const records = inspect({
    brokers: addresses.brokers,
    clientId: 'towpath-cli',
    logger: quietLogger,
    topic: 'webhooks.received',
    from: receivedAt ? { time: new Date(receivedAt.getTime() - MARGIN_MS) } : 'beginning',
    registry: registryOf(addresses),
  });
  for await (const { headers, data } of records) {
    if (headers['ce_id'] === deliveryId && data !== undefined) return data as Original;
  }
  throw new CliError(
    'DELIVERY_NOT_FOUND',
    `webhooks.received has no delivery ${deliveryId}; it keeps 7 days. See \`towpath deliveries list\`.`,
  );
}
