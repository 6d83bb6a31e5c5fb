import { createRequire } from 'node:module';
import { jest } from '@jest/globals';
import { patchRequestQueue } from './request-queue-patch.js';

interface RequestQueue {
  pending: unknown[];
  throttleCheckTimeoutId: unknown;
  throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

describe('request queue patch', () => {
  const require = createRequire(import.meta.url);
  const Queue = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueue };

  beforeAll(() => patchRequestQueue());

  it('arms no timer when nothing waits', () => {
    const queue = queueWith([]);
    queue.scheduleCheckPendingRequests();
    expect(queue.throttleCheckTimeoutId).toBeNull();
  });

  it('still checks later what waits, never after a negative time', () => {
    const setTimer = jest.spyOn(globalThis, 'setTimeout').mockImplementation(() => 1 as unknown as NodeJS.Timeout);
    try {
      queueWith(['request']).scheduleCheckPendingRequests();
      expect(setTimer.mock.calls.map(([, delay]) => delay)).toEqual([10]);
    } finally {
      setTimer.mockRestore();
    }
  });

  it('may be applied twice', () => {
    const patchedOnce = Queue.prototype.scheduleCheckPendingRequests;
    patchRequestQueue();
    expect(Queue.prototype.scheduleCheckPendingRequests).toBe(patchedOnce);
  });

  function queueWith(pending: unknown[]): RequestQueue {
    const fields = { pending, throttleCheckTimeoutId: null, throttledUntil: -1 };
    return Object.assign(Object.create(Queue.prototype) as RequestQueue, fields);
  }
});
