import { AgentError, LimitReached } from './agent-errors.js';

/** Made once: what a step that was left behind learns. */
const OVER = new AgentError('RUN_OVER', 'its run has been decided');

/**
 * The time one attempt of a run has: until a source aborts or `wallMs` are over. It does what `AbortSignal.any` and a race would do,
 * with one listener a source that goes with the attempt; `any`, its weak references and the race's own listener took some 9 of the 112 µs
 * that a short run took of the processor in a profile.
 */
export class AttemptTime {
  /** by the monotonic clock, when it is over */
  readonly endsAt: number;
  private readonly controller = new AbortController();
  private readonly over = Promise.withResolvers<never>();
  private readonly timer: NodeJS.Timeout;
  private readonly listeners: readonly { readonly source: AbortSignal; readonly abort: () => void }[];

  constructor(sources: readonly AbortSignal[], wallMs: number) {
    this.endsAt = performance.now() + wallMs;
    // Nobody may be waiting when it happens.
    this.over.promise.catch(() => undefined);
    this.timer = setTimeout(() => this.abort(new LimitReached('wallMs', wallMs)), wallMs);
    this.listeners = sources.map((source) => {
      const abort = () => this.abort(source.reason);
      if (source.aborted) abort();
      else source.addEventListener('abort', abort, { once: true });
      return { source, abort };
    });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Resolves as the work does, or rejects with why the time was over: a policy that does not heed its signal must not hold the run. */
  async within<T>(work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    return Promise.race([work(), this.over.promise]);
  }

  /** Lets go of the sources and the timer, and aborts what was left behind. */
  end(): void {
    clearTimeout(this.timer);
    for (const { source, abort } of this.listeners) source.removeEventListener('abort', abort);
    this.controller.abort(OVER);
  }

  private abort(reason: unknown): void {
    this.controller.abort(reason);
    this.over.reject(reason);
  }
}
