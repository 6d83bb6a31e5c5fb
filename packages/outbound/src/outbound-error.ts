/** Stable codes of what can go wrong between us and a provider. A reply of any status is not an error here. */
export type OutboundCode =
  | 'HOST_NOT_ALLOWED'
  | 'ADDRESS_NOT_ALLOWED'
  | 'RATE_LIMITED'
  | 'BREAKER_OPEN'
  | 'TIMEOUT'
  | 'CONNECTION_FAILED'
  | 'RESPONSE_TOO_LARGE'
  | 'ABORTED'
  | 'CLIENT_CLOSED'
  | 'DRY_RUN';

/**
 * Whether the provider may have acted on the request: `not-sent` means that no byte of it left this process, so it is
 * safe to send it again; `unknown` means that only the provider can tell.
 */
export type OutboundOutcome = 'not-sent' | 'unknown';

/** A call that brought no reply. Its code is none of those that make the `stripe` package send the request again by itself. */
export class OutboundError extends Error {
  constructor(
    readonly code: OutboundCode,
    readonly outcome: OutboundOutcome,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(`${code}: ${message}`, options);
    this.name = 'OutboundError';
  }
}

/** The OutboundError that `error` is or wraps (by `cause` or, as the `stripe` package does, by `detail`). */
export function outboundErrorOf(error: unknown): OutboundError | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    if (current instanceof OutboundError) return current;
    const wrapper = current as { cause?: unknown; detail?: unknown };
    current = wrapper.cause ?? wrapper.detail;
  }
  return undefined;
}
