import { createRequire } from 'node:module';

interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

const requireFrom = createRequire(import.meta.url);
const patched = Symbol.for('towpath.kafka.request-queue-patched');

/**
 * Stops the timer that kafkajs 2.2.4 re-arms on every connection with nothing to send (K15): with no throttle in force
 * it computes a negative delay, which Node turns into a warning and a poll every millisecond (4 % of a core per idle
 * producer). With requests pending the original runs unchanged. May be called more than once.
 */
export function patchRequestQueue(): void {
  const { prototype } = requireFrom('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };
  if (patched in prototype) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) schedule.call(this);
  };
  Object.defineProperty(prototype, patched, { value: true });
}
