import type { ModelErrorCode } from './model-error.js';

/** Why one request to a provider brought no answer. */
export class AttemptFailure extends Error {
  constructor(
    readonly code: Extract<
      ModelErrorCode,
      'MODEL_UNAVAILABLE' | 'MODEL_TIMEOUT' | 'MODEL_OFF_SCHEMA' | 'MODEL_ABORTED'
    >,
    readonly detail: string,
    readonly facts: {
      /** whether the request left this process */
      readonly sent: boolean;
      /** `unknown`: the provider may have produced an answer that never arrived, and charge for it */
      readonly billed: 'no' | 'unknown';
      /** whether asking the same again may help */
      readonly mayPass: boolean;
      readonly retryAfterMs?: number | null;
      /** whether the model or its provider is to blame, so that the breaker counts it */
      readonly counts: boolean;
    },
    options?: { readonly cause?: unknown },
  ) {
    super(`${code}: ${detail}`, options);
    this.name = 'AttemptFailure';
  }
}
