import { SpanKind, SpanStatusCode, trace, type Link, type Span, type Tracer } from '@opentelemetry/api';
import type { InboundRecord } from '@towpath/kafka/record';
import type { Received } from '../message.js';
import type { Item } from '../pipeline/item.js';
import { messageAttributes, type TracedMessage } from './messaging.js';
import { contextOf, headersOf, type TraceHeaders } from './trace-headers.js';

/** What became of a message. */
export type SpanOutcome = 'decided' | 'repeat' | 'held' | 'retry' | 'dead-letter' | 'rejected';

/**
 * The spans of a service's work on its messages, by OpenTelemetry's conventions: `receive` for a batch, `process` for each
 * message as the child of its sending and linked to the batch, and under it `commit_group` for the transaction. A commit
 * that many messages share stands in the trace of each: a span has one parent only.
 */
export class MessageSpans {
  constructor(
    private readonly service: string,
    private readonly tracer: Tracer,
  ) {}

  /** These were fetched together: a span for the batch of each topic, by topic. */
  receive(records: readonly InboundRecord[]): Map<string, Span> {
    const batches = new Map<string, Span>();
    for (const topic of new Set(records.map((record) => record.topic))) {
      const batch = records.filter((record) => record.topic === topic);
      const attributes = {
        ...messageAttributes({ topic }),
        ...this.operation('receive'),
        'messaging.batch.message_count': batch.length,
      };
      const links = batch.slice(0, LINKS_MAX).flatMap(({ headers }) => linkTo(headers));
      const span = this.tracer.startSpan(`receive ${topic}`, { kind: SpanKind.CLIENT, attributes, links, root: true });
      span.end();
      batches.set(topic, span);
    }
    return batches;
  }

  /** Work on a message begins. */
  process(message: TracedMessage, sent: TraceHeaders, handler: string, batch?: Span): Span {
    const attributes = {
      ...messageAttributes(message),
      ...this.operation('process'),
      'towpath.handler': handler,
    };
    const links = batch ? [{ context: batch.spanContext() }] : [];
    const options = { kind: SpanKind.CONSUMER, attributes, links };
    return this.tracer.startSpan(`process ${message.topic}`, options, contextOf(sent));
  }

  /** A transaction begins that decides these. Call what it gives when it is committed, or with why it was not. */
  commit(items: readonly Item[], schema: string): (error?: Error) => void {
    const attributes = {
      'db.system.name': 'postgresql',
      'db.namespace': schema,
      'db.stored_procedure.name': COMMIT,
      ...(items.length > 1 && { 'db.operation.batch.size': items.length }),
    };
    const spans = items.map((item) =>
      this.tracer.startSpan(COMMIT, { kind: SpanKind.CLIENT, attributes }, contextOf(item.message)),
    );
    return (error) => spans.forEach((span) => endWith(span, error?.name));
  }

  private operation(type: 'receive' | 'process') {
    return {
      'messaging.operation.name': type,
      'messaging.operation.type': type,
      'messaging.consumer.group.name': this.service,
      'messaging.client.id': this.service,
    };
  }
}

const COMMIT = 'commit_group';
/** The SDK keeps no more of one span. */
const LINKS_MAX = 128;

/** The message as its span sees it: what it causes goes on from there. */
export function tracedBy<T extends Received>(span: Span, message: T): T {
  const { tracestate: _, ...rest } = message;
  return { ...rest, ...headersOf(span) } as T;
}

/** The work on a message is over. @param code of its failure */
export function endSpan({ span }: Item, outcome: SpanOutcome, code?: string): void {
  if (!span) return;
  span.setAttribute('towpath.outcome', outcome);
  endWith(span, code);
}

function endWith(span: Span, code: string | undefined): void {
  if (code !== undefined) span.setAttribute('error.type', code).setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function linkTo(sent: TraceHeaders): Link[] {
  const context = trace.getSpanContext(contextOf(sent));
  return context ? [{ context }] : [];
}
