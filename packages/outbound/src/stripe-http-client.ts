import type { OutboundResponse } from './exchange.js';
import type { OutboundClient, OutboundRequest } from './outbound-client.js';

/** The `stripe` package's own header type, written out so that this package needs not depend on it. */
type StripeHeaders = object;

/** The package's eight arguments, in its order. */
type StripeRequest = [
  host: string,
  port: string | number,
  path: string,
  method: string,
  headers: StripeHeaders,
  requestData: string | Uint8Array | null,
  protocol: string,
  timeout: number,
];

/**
 * The `httpClient` of the official `stripe` package over an OutboundClient: the package's only way to the net. Errors are
 * OutboundErrors; the package wraps them (`StripeConnectionError.detail`), `outboundErrorOf` finds them again.
 */
export class StripeHttpClient {
  constructor(private readonly outbound: OutboundClient) {}

  getClientName(): string {
    return 'towpath';
  }

  async makeRequest(
    ...[host, port, path, method, headers, requestData, protocol, timeout]: StripeRequest
  ): Promise<StripeHttpResponse> {
    const response = await this.outbound.request({
      method: method as OutboundRequest['method'],
      url: `${protocol}://${host}:${port}${path}`,
      headers: plainHeaders(headers),
      timeoutMs: timeout,
      ...(requestData ? { body: typeof requestData === 'string' ? requestData : Buffer.from(requestData) } : {}),
    });
    return new StripeHttpResponse(response);
  }
}

/** A reply in the shape the `stripe` package reads. */
export class StripeHttpResponse {
  constructor(private readonly response: OutboundResponse) {}

  getStatusCode(): number {
    return this.response.status;
  }

  getHeaders(): Record<string, string> {
    return { ...this.response.headers };
  }

  /** The package hangs request id and the like on this object. */
  getRawResponse(): Record<string, unknown> {
    return { status: this.response.status };
  }

  toStream(): never {
    throw new Error('streamed replies of Stripe are not supported; every reply is bounded and read whole');
  }

  async toJSON(): Promise<unknown> {
    return JSON.parse(this.response.body.toString('utf8'));
  }
}

function plainHeaders(headers: StripeHeaders): Record<string, string> {
  const entries = Object.entries(headers as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter(([, value]) => value !== undefined && value !== null).map(([name, value]) => [name, String(value)]),
  );
}
