import {
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
  TraceFlags,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';

/** W3C Trace Context as it stands in headers and in an event's metadata. */
export interface TraceHeaders {
  readonly traceparent?: string | null | undefined;
  readonly tracestate?: string | null | undefined;
}

/** The context whose spans are children of what the headers name; a new trace when they name nothing valid. */
export function contextOf({ traceparent, tracestate }: TraceHeaders): Context {
  const parent = traceparent ? parseTraceParent(traceparent) : null;
  if (parent === null) return ROOT_CONTEXT;
  const traceState = tracestate ? { traceState: createTraceState(tracestate) } : {};
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true, ...traceState });
}

/** The headers by which the next hop goes on from this span. `tracestate` is carried on as it came. */
export function headersOf(span: Span): { traceparent: string; tracestate?: string } | undefined {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  if (!isSpanContextValid({ traceId, spanId, traceFlags })) return undefined;
  const flags = (traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0');
  const state = traceState?.serialize();
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(state && { tracestate: state }) };
}
