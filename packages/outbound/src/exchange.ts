import type { Dispatcher } from 'undici';
import { OutboundError } from './outbound-error.js';

/** A reply as received; never decoded, never followed when it is a redirect. */
export interface OutboundResponse {
  readonly status: number;
  /** names in lower case */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Reason of an abort that is the caller's wish and not the time-out's. */
export const LET_GO = Symbol('LET_GO');

/**
 * One request on the wire. It uses undici's handler interface because only that tells for sure whether the request
 * left this process: `onRequestStart` comes right before the first byte is written, and what is aborted before is never written.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly response: Promise<OutboundResponse>;
  private resolve!: (response: OutboundResponse) => void;
  private reject!: (error: OutboundError) => void;
  private controller: Dispatcher.DispatchController | undefined;
  private failure: OutboundError | undefined;
  private status = 0;
  private headers: Record<string, string> = {};
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  constructor(
    private readonly bytesMax: number,
    private readonly signal: AbortSignal,
  ) {
    this.response = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    signal.addEventListener('abort', this.onTimeout, { once: true });
    // Aborted while the caller was still preparing: the event does not come again.
    if (signal.aborted) this.onTimeout();
  }

  /** The request was handed to undici and refused at once, for instance because the client is closed. */
  refused(cause: unknown): void {
    this.fail('CLIENT_CLOSED', 'the client does not take requests any more', cause);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.failure !== undefined) controller.abort(this.failure);
    else this.controller = controller;
  }

  onResponseStart(
    _: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // A new start follows an informational (1xx) one; the last counts.
    this.status = status;
    this.headers = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name.toLowerCase(),
        Array.isArray(value) ? value.join(', ') : (value ?? ''),
      ]),
    );
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes <= this.bytesMax) {
      this.chunks.push(chunk);
      return;
    }
    this.fail('RESPONSE_TOO_LARGE', `the reply is larger than ${this.bytesMax} bytes`);
    controller.abort(this.failure as OutboundError);
  }

  onResponseEnd(): void {
    this.settle();
    this.resolve({ status: this.status, headers: this.headers, body: Buffer.concat(this.chunks) });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (error instanceof OutboundError) this.failWith(error);
    else this.fail('CONNECTION_FAILED', describe(error), error);
  }

  private readonly onTimeout = (): void => {
    if (this.signal.reason === LET_GO) this.fail('ABORTED', 'its caller let go of it');
    else
      this.fail('TIMEOUT', this.controller ? 'no complete reply in time' : 'no connection in time', this.signal.reason);
    this.controller?.abort(this.failure as OutboundError);
  };

  private fail(code: ConstructorParameters<typeof OutboundError>[0], message: string, cause?: unknown): void {
    const outcome = this.controller === undefined ? 'not-sent' : 'unknown';
    this.failWith(new OutboundError(code, outcome, message, { cause }));
  }

  private failWith(error: OutboundError): void {
    this.failure ??= error;
    this.settle();
    this.reject(this.failure);
  }

  private settle(): void {
    this.signal.removeEventListener('abort', this.onTimeout);
  }
}

function describe(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : `${code} ${error.message}`;
}
