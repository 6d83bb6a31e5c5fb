import { Agent, type Dispatcher } from 'undici';
import { HostGate, type AllowedHosts } from './allowed-hosts.js';
import { CallGuard, type BreakerState, type Guarded, type GuardPolicy } from './call-guard.js';
import { startCall } from './call-span.js';
import { DryRun } from './dry-run.js';
import { Exchange, LET_GO, type OutboundResponse } from './exchange.js';
import { OutboundError } from './outbound-error.js';
import { pinnedLookup, systemResolve, type Resolve } from './pinned-lookup.js';

/** Everything that bounds the calls to one provider. */
export interface ProviderPolicy extends AllowedHosts, GuardPolicy {
  /** from the call to the last byte of the reply, waiting for its turn included */
  readonly timeoutMs: number;
  readonly connectionsMax: number;
  readonly responseBytesMax: number;
  /** checks everything and sends nothing: each request throws DryRun */
  readonly dryRun?: boolean;
}

export interface OutboundRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** shortens the policy's time-out */
  readonly timeoutMs?: number;
  /** lets go of the call: it ends with `ABORTED`, and what is on the wire is cut */
  readonly signal?: AbortSignal;
}

/**
 * The one way out to a provider. A call ends in the provider's reply, whatever its status, or in an OutboundError that
 * says whether the provider may have acted. Nothing is ever sent twice and no redirect is followed.
 */
export class OutboundClient {
  private readonly gate: HostGate;
  private readonly guard: CallGuard;
  private readonly agent: Agent;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly policy: ProviderPolicy,
    resolve: Resolve = systemResolve,
  ) {
    this.gate = new HostGate(policy);
    this.guard = new CallGuard(policy);
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
  get breakerState(): BreakerState {
    return this.guard.state;
  }

  /** Forgets the failures that were seen: calls go through again at once. */
  resetBreaker(): void {
    this.guard.reset();
  }

  /** Sends one request. Throws OutboundError. */
  async request(request: OutboundRequest): Promise<OutboundResponse> {
    const url = this.gate.check(request.url);
    if (this.closing)
      throw new OutboundError('CLIENT_CLOSED', 'not-sent', `the ${this.policy.provider} client is closed`);
    if (this.policy.dryRun) throw new DryRun(rehearsalOf(url, request));
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), Math.min(request.timeoutMs ?? Infinity, this.policy.timeoutMs));
    const letGo = () => deadline.abort(LET_GO);
    request.signal?.addEventListener('abort', letGo, { once: true });
    if (request.signal?.aborted) letGo();
    const call = startCall(this.policy.provider, request, url);
    try {
      const response = await this.guard.run(deadline.signal, () => this.attempt(url, call.request, deadline.signal));
      call.replied(response.status);
      return response;
    } catch (error) {
      call.failed(error);
      throw error;
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', letGo);
    }
  }

  /** Ends idle connections and lets running calls finish within their time-out; may be called again. */
  close(): Promise<void> {
    this.closing ??= this.agent.close();
    return this.closing;
  }

  private async attempt(url: URL, request: OutboundRequest, signal: AbortSignal): Promise<Guarded<OutboundResponse>> {
    const exchange = new Exchange(this.policy.responseBytesMax, signal);
    try {
      this.agent.dispatch(dispatchOptions(url, request), exchange);
    } catch (error) {
      exchange.refused(error);
    }
    try {
      const value = await exchange.response;
      return value.status >= 500 ? { value, trouble: `it answered ${value.status}` } : { value };
    } catch (error) {
      return error instanceof OutboundError && TROUBLE.has(error.code) ? { error, trouble: error.message } : { error };
    }
  }
}

/** What counts for the breaker besides replies of 500 and more: the provider's own failures, not our limits. */
const TROUBLE: ReadonlySet<string> = new Set(['TIMEOUT', 'CONNECTION_FAILED']);

function rehearsalOf(url: URL, { method, body }: OutboundRequest) {
  return { method, address: `${url.origin}${url.pathname}`, body: body === undefined ? '' : body.toString() };
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
