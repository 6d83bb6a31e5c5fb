import { OpenAI, APIError } from 'openai';
import { fetchOver, type FetchLike } from '@towpath/outbound/fetch-over';
import { OutboundClient, type ProviderPolicy } from '@towpath/outbound/outbound-client';
import { OutboundError, type OutboundCode } from '@towpath/outbound/outbound-error';
import { AttemptFailure } from './attempt-failure.js';
import { chatRequest } from './chat-request.js';
import { readCompletion, readStream, type ChatReply } from './chat-reply.js';
import type { CanonicalRequest } from './canonical-request.js';
import type { ModelConfig } from './model-config.js';
import { retryAfterMs } from './retry-plan.js';

const REPLY_BYTES_MAX = 4_000_000;
/** The SDK's own timer must not end a call before the outbound client, which knows whether anything was sent. */
const SDK_TIMEOUT_MARGIN_MS = 2_000;

/** One request, ready to be sent. */
export interface PreparedCall {
  /** of the body, which bounds what the input can cost */
  readonly bodyBytes: number;
  /** Sends it once. Throws AttemptFailure. */
  send(timeoutMs: number, signal?: AbortSignal): Promise<ChatReply>;
}

/** A server with OpenAI's chat completions, reached with the official client over the outbound client and by nothing else. */
export class OpenAiProvider {
  readonly origin: URL;
  private readonly outbound: OutboundClient;

  /** Throws `MODEL_URL_REFUSED` for an address that is neither https on its usual port nor loopback. */
  constructor(
    private readonly config: ModelConfig,
    onBreaker: NonNullable<ProviderPolicy['onBreaker']>,
  ) {
    this.origin = new URL(config.OPENAI_BASE_URL ?? 'https://api.openai.com/v1');
    this.outbound = new OutboundClient({ ...policyOf(this.origin, config), onBreaker });
  }

  /** Forgets the failures that were seen: calls go through again at once. */
  resetBreaker(): void {
    this.outbound.resetBreaker();
  }

  prepare(request: CanonicalRequest): PreparedCall {
    const params = chatRequest(request, this.config.MODEL_RESPONSE_FORMAT);
    return {
      bodyBytes: Buffer.byteLength(JSON.stringify(params)),
      send: (timeoutMs, signal) => this.send(params, timeoutMs, signal),
    };
  }

  close(): Promise<void> {
    return this.outbound.close();
  }

  private async send(
    params: ReturnType<typeof chatRequest>,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<ChatReply> {
    const wire = observed(fetchOver(this.outbound, { timeoutMs: () => timeoutMs }));
    const client = this.clientOver(wire.fetch, timeoutMs);
    const options = signal === undefined ? {} : { signal };
    let reply: ChatReply | undefined;
    try {
      reply = this.config.MODEL_STREAM
        ? await readStream(
            await client.chat.completions.create(
              { ...params, stream: true, stream_options: { include_usage: true } },
              options,
            ),
          )
        : readCompletion(await client.chat.completions.create(params, options));
    } catch (error) {
      throw failureOf(error, wire.failure(), signal);
    }
    if (reply === undefined) throw unreadable('the reply is no complete chat completion');
    return reply;
  }

  private clientOver(fetch: FetchLike, timeoutMs: number): OpenAI {
    return new OpenAI({
      apiKey: this.config.OPENAI_API_KEY ?? 'none',
      baseURL: this.origin.href,
      organization: null,
      project: null,
      adminAPIKey: null,
      fetch: fetch,
      timeout: timeoutMs + SDK_TIMEOUT_MARGIN_MS,
      // The gateway tries again itself: each try has to be paid for first.
      maxRetries: 0,
      // It would print prompts.
      logLevel: 'off',
    });
  }
}

/** The SDK drops the cause of what it takes for a time-out. */
function observed(fetch: FetchLike): { fetch: FetchLike; failure(): OutboundError | undefined } {
  let failure: OutboundError | undefined;
  return {
    fetch: (url, init) =>
      fetch(url, init).catch((error: unknown) => {
        if (error instanceof OutboundError) failure = error;
        throw error;
      }),
    failure: () => failure,
  };
}

function policyOf(url: URL, config: ModelConfig): ProviderPolicy {
  const isPublic = url.protocol === 'https:' && url.port === '';
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (!isPublic && !isLoopback)
    throw new Error(
      `MODEL_URL_REFUSED: ${url.origin} is neither https on port 443 nor a loopback address; mend OPENAI_BASE_URL`,
    );
  return {
    provider: 'model',
    hosts: isLoopback ? [] : [url.hostname],
    loopbackOrigins: isLoopback ? [url.origin] : [],
    timeoutMs: config.MODEL_TIMEOUT_MS,
    connectionsMax: config.MODEL_CONNECTIONS_MAX,
    responseBytesMax: REPLY_BYTES_MAX,
    rateLimit: {
      perSecond: config.MODEL_CALLS_PER_SECOND,
      burst: Math.max(1, Math.ceil(config.MODEL_CALLS_PER_SECOND)),
      queueMax: 1_000,
    },
    breaker: { failures: config.MODEL_BREAKER_FAILURES, openMs: config.MODEL_BREAKER_OPEN_MS },
  };
}

function failureOf(
  error: unknown,
  outbound: OutboundError | undefined,
  signal: AbortSignal | undefined,
): AttemptFailure {
  if (outbound !== undefined) return unreached(outbound, signal);
  if (error instanceof APIError && typeof error.status === 'number')
    return refused(error as Refusal, error.status, Date.now());
  // Neither the net nor a status: a body that is not what it says to be.
  return unreadable('the reply can not be read', error);
}

/** What the outbound client's codes mean for an exchange; those that are not here are our own limits. */
const UNREACHED: Partial<
  Record<OutboundCode, Pick<AttemptFailure, 'code' | 'detail'> & { mayPass: boolean; counts: boolean }>
> = {
  TIMEOUT: { code: 'MODEL_TIMEOUT', detail: 'no complete answer in time', mayPass: false, counts: true },
  ABORTED: { code: 'MODEL_ABORTED', detail: 'its caller let go of it', mayPass: false, counts: false },
  CONNECTION_FAILED: { code: 'MODEL_UNAVAILABLE', detail: 'the connection failed', mayPass: true, counts: true },
  BREAKER_OPEN: { code: 'MODEL_UNAVAILABLE', detail: "the provider's breaker is open", mayPass: false, counts: false },
};

function unreached(error: OutboundError, signal: AbortSignal | undefined): AttemptFailure {
  const sent = error.outcome === 'unknown';
  const known = UNREACHED[error.code] ?? {
    code: 'MODEL_UNAVAILABLE',
    detail: error.code,
    mayPass: false,
    counts: false,
  };
  const { code, detail, mayPass } = known;
  const counts = known.counts || (sent && isForTime(signal));
  const facts = { sent, billed: sent ? ('unknown' as const) : ('no' as const), mayPass, counts };
  return new AttemptFailure(code, detail, facts, { cause: error });
}

/** A caller whose own time was over waited in vain; one that was told to stop says nothing about the model. */
function isForTime(signal: AbortSignal | undefined): boolean {
  const { name, code } = (signal?.reason ?? {}) as { readonly name?: string; readonly code?: unknown };
  return name === 'TimeoutError' || code === 'LIMIT_WALL_MS';
}

/** What is looked at of the SDK's error. */
interface Refusal {
  readonly code: unknown;
  readonly headers: Headers | undefined;
}

/** Statuses that a proxy gives when what is behind it may still have answered. */
const BEHIND_A_PROXY: ReadonlySet<number> = new Set([502, 504, 524]);

function refused(error: Refusal, status: number, nowMs: number): AttemptFailure {
  const mayPass =
    status === 408 || status === 409 || status >= 500 || (status === 429 && error.code !== 'insufficient_quota');
  const facts = {
    sent: true,
    billed: BEHIND_A_PROXY.has(status) ? ('unknown' as const) : ('no' as const),
    mayPass,
    retryAfterMs: retryAfterMs((name) => error.headers?.get(name), nowMs),
    counts: mayPass || status === 429,
  };
  return new AttemptFailure('MODEL_UNAVAILABLE', `the provider answered ${status}${codeOf(error)}`, facts, {
    cause: error,
  });
}

/** Providers' codes are short words; anything else stays out of messages. */
function codeOf({ code }: Refusal): string {
  return typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? ` (${code})` : '';
}

function unreadable(detail: string, cause?: unknown): AttemptFailure {
  const facts = { sent: true, billed: 'unknown' as const, mayPass: false, counts: true };
  return new AttemptFailure('MODEL_OFF_SCHEMA', detail, facts, { cause });
}
