import type { OutboundClient, OutboundRequest } from './outbound-client.js';

/** The part of `fetch` that SDKs use. */
export type FetchLike = (
  url: string | URL | Request,
  init?: {
    readonly method?: string;
    readonly headers?: unknown;
    readonly body?: unknown;
    readonly signal?: AbortSignal | null;
  },
) => Promise<Response>;

/**
 * A `fetch` over an OutboundClient, for SDKs that take one: the same allow-list, limits and time-outs, no redirects, the whole
 * reply read and bounded before it resolves. It takes text bodies only, and throws OutboundErrors.
 */
export function fetchOver(client: OutboundClient, options: { readonly timeoutMs?: () => number } = {}): FetchLike {
  return async (url, init = {}) => {
    if (url instanceof Request) throw new TypeError('pass the address and its options, not a Request');
    if (init.body !== undefined && init.body !== null && typeof init.body !== 'string')
      throw new TypeError('only text can be sent; streams and forms are not supported');
    const reply = await client.request({
      method: (init.method ?? 'GET').toUpperCase() as OutboundRequest['method'],
      url: String(url),
      headers: Object.fromEntries(new Headers(init.headers as ConstructorParameters<typeof Headers>[0]).entries()),
      ...(typeof init.body === 'string' && { body: init.body }),
      ...(init.signal && { signal: init.signal }),
      ...(options.timeoutMs && { timeoutMs: options.timeoutMs() }),
    });
    // A Response refuses a body for these.
    const body = [101, 204, 205, 304].includes(reply.status) ? null : new Uint8Array(reply.body);
    return new Response(body, { status: reply.status, headers: replyHeaders(reply.headers) });
  };
}

/** The body is not encoded any more once it is read, and its length is its own. */
function replyHeaders(headers: Readonly<Record<string, string>>): Headers {
  const kept = Object.entries(headers).filter(([name]) => !['content-length', 'transfer-encoding'].includes(name));
  return new Headers(kept);
}
