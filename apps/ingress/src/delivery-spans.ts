import type { IncomingMessage } from 'node:http';
import { SpanKind, SpanStatusCode, type Span, type Tracer } from '@opentelemetry/api';
import type { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import { messageAttributes } from '@towpath/service-kit/tracing/messaging';
import { contextOf, headersOf, type TraceHeaders } from '@towpath/service-kit/tracing/trace-headers';
import { nextTrace, traceOfRequest, type NextTrace } from './trace-context.js';

export const ROUTE = '/webhooks/:source';
const TOPIC = 'webhooks.received';

/** A record on its way to Kafka. */
export interface Sending {
  /** what it carries */
  readonly trace: NextTrace;
  /** Kafka has it, or why that is not certain */
  ended(error?: Error): void;
}

/**
 * The spans of a delivery: the request as the server sees it, and under it the sending to Kafka. Without a tracer nothing is
 * recorded, but the sender's trace is carried on all the same.
 */
export class DeliverySpans {
  private readonly requests = new WeakMap<IncomingMessage, Span>();

  constructor(private readonly tracer: Tracer | undefined) {}

  /** The request has arrived. */
  arrived(request: IncomingMessage): void {
    const method = request.method ?? 'POST';
    const attributes = { 'http.request.method': method, 'http.route': ROUTE, 'url.scheme': 'http' };
    const parent = contextOf(traceOfRequest(request.headers));
    const span = this.tracer?.startSpan(`${method} ${ROUTE}`, { kind: SpanKind.SERVER, attributes }, parent);
    if (span) this.requests.set(request, span);
  }

  /** The trace that the request belongs to. */
  traceOf(request: IncomingMessage): TraceHeaders {
    const span = this.requests.get(request);
    return (span && headersOf(span)) ?? traceOfRequest(request.headers);
  }

  /** @param code why the delivery was not taken */
  refused(request: IncomingMessage, code: string): void {
    this.requests.get(request)?.setAttribute('error.type', code);
  }

  /** The request is answered. A refusal is the sender's error: by the conventions only ours makes the span one. */
  answered(request: IncomingMessage, status: number): void {
    const span = this.requests.get(request);
    span?.setAttribute('http.response.status_code', status);
    if (status >= 500) span?.setStatus({ code: SpanStatusCode.ERROR });
    span?.end();
  }

  /** The delivery goes to Kafka. */
  sending(delivery: WebhookReceived, trace: TraceHeaders): Sending {
    const { deliveryId, objectId, source } = delivery;
    const attributes = {
      ...messageAttributes({ topic: TOPIC, id: deliveryId, correlationId: deliveryId, key: objectId }),
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.client.id': 'ingress',
      'towpath.source': source,
    };
    const options = { kind: SpanKind.PRODUCER, attributes };
    const span = this.tracer?.startSpan(`send ${TOPIC}`, options, contextOf(trace));
    return {
      trace: (span && headersOf(span)) ?? nextTrace(trace),
      ended(error) {
        if (error) span?.setAttribute('error.type', error.name).setStatus({ code: SpanStatusCode.ERROR });
        span?.end();
      },
    };
  }
}
