/** An error as Stripe answers it. */
export class StripeRefusal extends Error {
  constructor(
    readonly status: number,
    readonly type: 'invalid_request_error' | 'idempotency_error' | 'api_error' | 'rate_limit_error' | 'card_error',
    readonly code: string | null,
    message: string,
  ) {
    super(message);
  }

  body(): object {
    return { error: { type: this.type, ...(this.code === null ? {} : { code: this.code }), message: this.message } };
  }
}
