import { randomUUID } from 'node:crypto';
import { encode } from '@towpath/contracts/codec';
import { keyOf, streamOf, type Contract } from '@towpath/contracts/contract';
import { DeliveryRejected } from '@towpath/contracts/webhooks/DeliveryRejected.v1';
import { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import { buildHeaders } from '@towpath/kafka/headers';
import type { OutboundRecord } from '@towpath/kafka/record';
import { frame } from '@towpath/kafka/wire';
import { nextTraceparent } from './trace-context.js';

/** What ingress publishes. */
export const PUBLISHED: readonly Contract[] = [WebhookReceived, DeliveryRejected];

const CE_SOURCE = '/services/ingress';

/** The record of a verified delivery: the start of a story, whose id is the delivery's. */
export function receivedRecord(delivery: WebhookReceived, schemaId: number, traceparent?: string): OutboundRecord {
  return record(WebhookReceived, delivery, delivery.deliveryId, delivery.receivedAt, schemaId, traceparent);
}

/** The record of a refused delivery. */
export function rejectedRecord(rejection: Omit<DeliveryRejected, 'rejectionId'>, schemaId: number): OutboundRecord {
  const rejectionId = randomUUID();
  return record(DeliveryRejected, { rejectionId, ...rejection }, rejectionId, rejection.receivedAt, schemaId);
}

function record<T>(
  contract: Contract<T>,
  data: T,
  id: string,
  time: number,
  schemaId: number,
  traceparent?: string,
): OutboundRecord {
  const key = keyOf(contract, data);
  const headers = buildHeaders({
    id,
    source: CE_SOURCE,
    type: contract.type,
    time: new Date(time),
    subject: key,
    correlationId: id,
    causationId: id,
    hops: 0,
    path: [],
    stream: streamOf(contract, data),
    traceparent: nextTraceparent(traceparent),
  });
  return { topic: contract.topic, key, value: frame(schemaId, encode(contract, data)), headers };
}
