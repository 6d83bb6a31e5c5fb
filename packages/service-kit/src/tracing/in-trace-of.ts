import { context } from '@opentelemetry/api';
import { contextOf, type TraceHeaders } from './trace-headers.js';

/** Runs `work` as part of the trace that `of` names: spans of libraries it calls, such as the outbound client's, go on from there. */
export function inTraceOf<T>(of: TraceHeaders, work: () => T): T {
  return context.with(contextOf(of), work);
}
