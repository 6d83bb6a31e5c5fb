import { randomUUID } from 'node:crypto';
import { encode } from '@towpath/contracts/codec';
import { keyOf, streamOf, type Contract } from '@towpath/contracts/contract';
import type { Taint } from '@towpath/contracts/taint';
import { DeliveryRejected } from '@towpath/contracts/webhooks/DeliveryRejected.v1';
import { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import { buildHeaders } from '@towpath/kafka/headers';
import type { OutboundRecord } from '@towpath/kafka/record';
import { frame } from '@towpath/kafka/wire';
import type { ProviderStory } from '@towpath/service-kit/provider-story';
import { withStoryStart } from '@towpath/service-kit/tracing/story-start';
import { taintOfProvider } from './taint-of-provider.js';
import { nextTrace, type NextTrace } from './trace-context.js';

/** What ingress publishes. */
export const PUBLISHED: readonly Contract[] = [WebhookReceived, DeliveryRejected];

const CE_SOURCE = '/services/ingress';

/** The record of a verified delivery: the start of a story, whose id is the delivery's, unless it continues one of ours. */
export function receivedRecord(
  delivery: WebhookReceived,
  schemaId: number,
  trace: NextTrace,
  continued?: ProviderStory,
): OutboundRecord {
  const { deliveryId, receivedAt } = delivery;
  const taint = taintOfProvider(delivery.provider);
  const place = { ...trace, tracestate: withStoryStart(trace.tracestate, receivedAt), ...continued, taint };
  return record(WebhookReceived, delivery, deliveryId, receivedAt, schemaId, place);
}

/** The record of a refused delivery. */
export function rejectedRecord(rejection: Omit<DeliveryRejected, 'rejectionId'>, schemaId: number): OutboundRecord {
  const rejectionId = randomUUID();
  return record(DeliveryRejected, { rejectionId, ...rejection }, rejectionId, rejection.receivedAt, schemaId, {
    ...nextTrace({}),
    taint: 'untrusted',
  });
}

function record<T>(
  contract: Contract<T>,
  data: T,
  id: string,
  time: number,
  schemaId: number,
  place: NextTrace & Partial<ProviderStory> & { readonly taint: Taint },
): OutboundRecord {
  const key = keyOf(contract, data);
  const headers = buildHeaders({
    id,
    source: CE_SOURCE,
    type: contract.type,
    time: new Date(time),
    subject: key,
    ...{ correlationId: id, causationId: id, hops: 0, path: [] },
    stream: streamOf(contract, data),
    ...place,
  });
  return { topic: contract.topic, key, value: frame(schemaId, encode(contract, data)), headers };
}
