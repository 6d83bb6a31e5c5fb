import { follow } from '@towpath/kafka/follow';
import type { InspectedRecord } from '@towpath/kafka/inspect';
import { Registry } from '@towpath/kafka/registry';
import type { Addresses } from './addresses.js';
import { quietLogger } from './quiet-logger.js';

const clientId = 'towpath-cli';

export interface FollowRequest {
  readonly topics: string[];
  readonly from: Date;
  readonly signal: AbortSignal;
  accepts?(type: string): boolean;
}

/** Decoded records of many topics from a time on, until aborted. */
export function followTopics(addresses: Addresses, request: FollowRequest): AsyncGenerator<InspectedRecord> {
  return follow({
    brokers: addresses.brokers,
    clientId,
    logger: quietLogger,
    registry: registryOf(addresses),
    ...request,
  });
}

export function registryOf({ registryUrl }: Pick<Addresses, 'registryUrl'>): Registry {
  return new Registry({ url: registryUrl, clientId });
}
