/** An error as Stripe answers it. */
export class StripeRefusal extends Error {
  constructor(
    readonly status: number,
    readonly type: 'invalid_request_error' | 'idempotency_error' | 'api_error' | 'rate_limit_error' | 'card_error',
    readonly code: string | null,
    message: string,
    /** the card issuer's reason */
    readonly declineCode: string | null = null,
  ) {
    super(message);
  }

  body(): object {
    const { type, code, message, declineCode } = this;
    return {
      error: {
        ...{
          type,
          ...(code !== null && { code }),
          ...(declineCode !== null && { decline_code: declineCode }),
          message,
        },
      },
    };
  }
}
