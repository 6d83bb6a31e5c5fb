import { OutboundError } from './outbound-error.js';

/** What a dry run would have sent. It holds no credentials, and no query, which may hold some. */
export interface Rehearsed {
  /** HTTP method, or SMTP */
  readonly method: string;
  readonly address: string;
  readonly body: string;
}

/** Thrown instead of sending: nothing left this process. */
export class DryRun extends OutboundError {
  constructor(readonly rehearsed: Rehearsed) {
    super('DRY_RUN', 'not-sent', `${rehearsed.method} ${rehearsed.address} was not sent: this is a dry run`);
    this.name = 'DryRun';
  }
}
