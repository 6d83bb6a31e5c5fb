import { context, propagation, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import type { OutboundRequest } from './outbound-client.js';
import { OutboundError } from './outbound-error.js';

/** A call in the trace that is active, and the request with the headers by which the provider can go on with it. */
export interface CallSpan {
  readonly request: OutboundRequest;
  /** the reply's status */
  replied(status: number): void;
  failed(error: unknown): void;
}

/**
 * The span of one call to a provider, by the conventions for HTTP clients. Paths hold ids and queries hold more than that, so
 * neither stands in it: only the path's template does. While nothing is traced nothing is recorded and no header is added.
 */
export function startCall(provider: string, request: OutboundRequest, url: URL): CallSpan {
  const template = templateOf(url.pathname);
  const span = trace.getTracer('towpath/outbound').startSpan(`${request.method} ${template}`, {
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': request.method,
      'server.address': url.hostname,
      'server.port': Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
      'url.scheme': url.protocol.slice(0, -1),
      'url.template': template,
      'peer.service': provider,
    },
  });
  const headers: Record<string, string> = {};
  propagation.inject(trace.setSpan(context.active(), span), headers);
  return {
    request: { ...request, headers: { ...request.headers, ...headers } },
    replied(status) {
      span.setAttribute('http.response.status_code', status);
      end(span, status >= 400 ? String(status) : undefined);
    },
    failed: (error) => end(span, error instanceof OutboundError ? error.code : 'UNKNOWN'),
  };
}

function end(span: Span, errorType: string | undefined): void {
  if (errorType !== undefined) span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/** The path with `{id}` for every part that is an id: whatever has a digit or a capital, but for a version such as `v1`. */
export function templateOf(path: string): string {
  return path
    .split('/')
    .map((part) => (/^v\d+$/.test(part) || /^[a-z_-]*$/.test(part) ? part : '{id}'))
    .join('/');
}
