import { SpanKind, SpanStatusCode, type Span, type Tracer } from '@opentelemetry/api';
import type { OutboundRecord } from '@towpath/kafka/record';
import { messageAttributes } from '@towpath/service-kit/tracing/messaging';
import { contextOf, headersOf } from '@towpath/service-kit/tracing/trace-headers';

/** A record as it is to be sent, and what to call once it is settled. */
export interface TracedRecord {
  readonly record: OutboundRecord;
  settled(outcome: 'published' | 'parked'): void;
}

/**
 * A span for each row on its way to Kafka, as a child of the decision that appended it. The record then carries the span as
 * `traceparent`, and what the row carries as `ce_traceparent`: the event's digest covers that. A row that belongs to no trace
 * starts none.
 */
export class RelaySpans {
  constructor(private readonly tracer: Tracer) {}

  send(record: OutboundRecord): TracedRecord | undefined {
    const { topic, key, headers } = record;
    if (headers['traceparent'] === undefined) return undefined;
    const attributes = {
      ...messageAttributes({ topic, key, id: headers['ce_id'], correlationId: headers['ce_correlationid'] }),
      'messaging.operation.name': 'send',
      'messaging.operation.type': 'send',
      'messaging.client.id': 'cdc',
    };
    const span = this.tracer.startSpan(`send ${topic}`, { kind: SpanKind.PRODUCER, attributes }, contextOf(headers));
    return {
      record: { ...record, headers: carriedOn(headers, span) },
      settled(outcome) {
        if (outcome === 'parked') span.setAttribute('error.type', 'PARKED').setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }
}

function carriedOn(headers: OutboundRecord['headers'], span: Span): OutboundRecord['headers'] {
  const { traceparent, tracestate } = headers;
  return {
    ...headers,
    ...headersOf(span),
    ...(traceparent !== undefined && { ce_traceparent: traceparent }),
    ...(tracestate !== undefined && { ce_tracestate: tracestate }),
  };
}
