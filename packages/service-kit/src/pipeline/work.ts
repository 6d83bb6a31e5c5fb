import type { Claim, HeldMessage } from '@towpath/event-store/held-types';

/** A message that a worker has, under its lease. */
export class Work {
  /** resolves when the worker is free again */
  ended: Promise<void> = Promise.resolve();
  /** its decision is being committed: whether the lease was still ours is the commit's to say */
  committing = false;
  private readonly controller = new AbortController();

  constructor(readonly message: HeldMessage) {}

  get claim(): Claim {
    const { seq, fence } = this.message;
    return { seq, fence };
  }

  /** aborted when another has the message now, or may have it soon */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  leave(code: 'LEASE_LOST' | 'SERVICE_STOPPING'): void {
    this.controller.abort(Object.assign(new Error(`${code}: another worker may have this message`), { code }));
  }
}
