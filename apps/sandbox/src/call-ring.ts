/** One call as `GET /sandbox/calls` shows it, reads included. */
export interface SeenCall {
  readonly time: string;
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | null;
  /** W3C Trace Context that came with it, or null */
  readonly traceparent: string | null;
  readonly tracestate: string | null;
  /** null while unanswered, or never answered */
  status: number | null;
}

const CALLS_MAX = 5_000;

/** The latest calls, oldest first. */
export class CallRing {
  total = 0;
  private readonly calls: SeenCall[] = [];

  add(call: SeenCall): SeenCall {
    this.calls[this.total % CALLS_MAX] = call;
    this.total += 1;
    return call;
  }

  latest(): SeenCall[] {
    const start = this.total % CALLS_MAX;
    return this.total <= CALLS_MAX ? [...this.calls] : [...this.calls.slice(start), ...this.calls.slice(0, start)];
  }
}
