import { CallGuard } from './call-guard.js';

const policy = {
  provider: 'spec',
  rateLimit: { perSecond: 1, burst: 1, queueMax: 5 },
  breaker: { failures: 5, openMs: 1_000 },
};

describe('the guard of calls to a third party', () => {
  it('leaves a call that has begun to say what became of it, however late after its time', async () => {
    const time = new AbortController();
    let answer!: (value: { value: string }) => void;
    const call = new CallGuard(policy).run<string>(time.signal, () => new Promise((resolve) => (answer = resolve)));
    await new Promise(setImmediate);
    time.abort();
    await new Promise(setImmediate);
    answer({ value: 'sent, and then silence' });
    await expect(call).resolves.toBe('sent, and then silence');
  });

  it('says of a call that never had its turn that nothing was sent', async () => {
    const guard = new CallGuard(policy);
    const soon = new AbortController();
    await guard.run<number>(soon.signal, () => Promise.resolve({ value: 1 }));
    const waiting = guard.run<number>(soon.signal, () => Promise.resolve({ value: 2 }));
    soon.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT', outcome: 'not-sent' });
  });
});
