import {
  BrokenCircuitError,
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  handleWhen,
  type CircuitBreakerPolicy,
} from 'cockatiel';
import { Agent, type Dispatcher } from 'undici';
import { HostGate, type AllowedHosts } from './allowed-hosts.js';
import { Exchange, type OutboundResponse } from './exchange.js';
import { OutboundError } from './outbound-error.js';
import { pinnedLookup, systemResolve, type Resolve } from './pinned-lookup.js';
import { TokenBucket, type RateLimit } from './token-bucket.js';

/** Everything that bounds the calls to one provider. */
export interface ProviderPolicy extends AllowedHosts {
  /** the provider's name, for messages */
  readonly provider: string;
  /** from the call to the last byte of the reply, waiting for its turn included */
  readonly timeoutMs: number;
  readonly connectionsMax: number;
  readonly responseBytesMax: number;
  readonly rateLimit: RateLimit;
  /** after so many failures in a row nothing is sent for `openMs`; then one call tries whether it works again */
  readonly breaker: { readonly failures: number; readonly openMs: number };
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** shortens the policy's time-out */
  readonly timeoutMs?: number;
}

/**
 * The one way out to a provider. A call ends in the provider's reply, whatever its status, or in an OutboundError that
 * says whether the provider may have acted. Nothing is ever sent twice and no redirect is followed.
 */
export class OutboundClient {
  private readonly gate: HostGate;
  private readonly bucket: TokenBucket;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly agent: Agent;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly policy: ProviderPolicy,
    resolve: Resolve = systemResolve,
  ) {
    this.gate = new HostGate(policy);
    this.bucket = new TokenBucket(policy.rateLimit);
    this.breaker = circuitBreaker(
      handleWhen((error) => error instanceof ProviderTrouble),
      { breaker: new ConsecutiveBreaker(policy.breaker.failures), halfOpenAfter: policy.breaker.openMs },
    );
    this.agent = new Agent({
      connections: policy.connectionsMax,
      pipelining: 1,
      connectTimeout: policy.timeoutMs,
      // Shorter than any provider's own idle time, so that a request seldom meets a connection that is being closed.
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 4_000,
      allowH2: false,
      connect: { lookup: pinnedLookup(resolve, (hostname) => this.gate.isLoopback(hostname)) },
    });
  }

  /** `closed` lets calls through, `open` refuses them, `half-open` lets one try. */
  get breakerState(): 'closed' | 'open' | 'half-open' {
    if (this.breaker.state === CircuitState.Closed) return 'closed';
    return this.breaker.state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** Sends one request. Throws OutboundError. */
  async request(request: OutboundRequest): Promise<OutboundResponse> {
    const url = this.gate.check(request.url);
    if (this.closing)
      throw new OutboundError('CLIENT_CLOSED', 'not-sent', `the ${this.policy.provider} client is closed`);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), Math.min(request.timeoutMs ?? Infinity, this.policy.timeoutMs));
    try {
      return await this.throughBreaker(url, request, deadline.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Ends idle connections and lets running calls finish within their time-out; may be called again. */
  close(): Promise<void> {
    this.closing ??= this.agent.close();
    return this.closing;
  }

  private async throughBreaker(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> {
    try {
      return await orTimeout(
        signal,
        this.breaker.execute(() => this.attempt(url, request, signal)),
      );
    } catch (error) {
      if (error instanceof ProviderTrouble) return error.unwrap();
      if (error instanceof BrokenCircuitError) throw this.breakerOpen();
      throw error;
    }
  }

  private async attempt(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<OutboundResponse> {
    await this.bucket.take(signal);
    if (signal.aborted) throw timedOutWaiting();
    // It may have opened while this call waited for its turn.
    if (this.breaker.state === CircuitState.Open) throw this.breakerOpen();
    const exchange = new Exchange(this.policy.responseBytesMax, signal);
    try {
      this.agent.dispatch(dispatchOptions(url, request), exchange);
    } catch (error) {
      exchange.refused(error);
    }
    try {
      const response = await exchange.response;
      if (response.status >= 500) throw new ProviderTrouble({ response });
      return response;
    } catch (error) {
      throw error instanceof OutboundError && TROUBLE.has(error.code) ? new ProviderTrouble({ error }) : error;
    }
  }

  private breakerOpen(): OutboundError {
    const { provider, breaker } = this.policy;
    return new OutboundError(
      'BREAKER_OPEN',
      'not-sent',
      `${provider} failed ${breaker.failures} times in a row; tried again within ${breaker.openMs} ms`,
    );
  }
}

const TROUBLE: ReadonlySet<string> = new Set(['TIMEOUT', 'CONNECTION_FAILED']);

/** What counts for the breaker: the provider's own failures, not our limits. */
class ProviderTrouble extends Error {
  constructor(private readonly what: { readonly response: OutboundResponse } | { readonly error: OutboundError }) {
    super('provider trouble');
  }

  unwrap(): OutboundResponse {
    if ('error' in this.what) throw this.what.error;
    return this.what.response;
  }
}

/** A half-open breaker lets calls wait for the one that tries; they must not wait longer than their own time-out. */
function orTimeout<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    // The exchange settles in the same turn when it runs, and knows better; this is for calls that never got that far.
    const onAbort = () => setImmediate(() => reject(timedOutWaiting()));
    signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function timedOutWaiting(): OutboundError {
  return new OutboundError('TIMEOUT', 'not-sent', 'its time ran out while it waited for its turn');
}

function dispatchOptions(url: URL, request: OutboundRequest): Dispatcher.DispatchOptions {
  return {
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: request.method,
    headers: { ...request.headers },
    body: request.body ?? null,
  };
}
