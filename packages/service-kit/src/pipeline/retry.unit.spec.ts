import fc from 'fast-check';
import { turnOf, type Comer } from './hold.decider.js';
import { afterFailure, DEFAULT_RETRY, endsItsWorkers, problemsOfPolicy, type RetryPolicy } from './retry.decider.js';

const policies: fc.Arbitrary<RetryPolicy> = fc
  .record({
    retries: fc.integer({ min: 0, max: 20 }),
    baseMs: fc.integer({ min: 0, max: 10_000 }),
    factor: fc.double({ min: 1, max: 10, noNaN: true }),
    more: fc.integer({ min: 0, max: 86_390_000 }),
  })
  .map(({ more, ...policy }) => ({ ...policy, capMs: Math.min(policy.baseMs + more, 86_400_000) }));
const randoms = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('retries', () => {
  it('end after as many as the policy allows, each within its bound, whatever the chances', () => {
    fc.assert(
      fc.property(policies, fc.infiniteStream(randoms), (policy, chances) => {
        expect(problemsOfPolicy(policy)).toEqual([]);
        let failures = 1;
        for (const random of chances) {
          const verdict = afterFailure(failures, false, policy, random);
          if (verdict.next === 'dead-letter') break;
          expect(verdict.retry).toBe(failures);
          expect(verdict.delayMs).toBeGreaterThanOrEqual(0);
          expect(verdict.delayMs).toBeLessThanOrEqual(
            Math.min(policy.capMs, policy.baseMs * policy.factor ** (failures - 1)),
          );
          failures += 1;
        }
        expect(failures).toBe(policy.retries + 1);
      }),
    );
  });

  it('are 3 at first within 1, 2 and 4 s, spread over the whole time', () => {
    const pauses = [1, 2, 3].map((failures) => afterFailure(failures, false, DEFAULT_RETRY, 0.5));
    expect(pauses).toMatchObject([{ delayMs: 500 }, { delayMs: 1_000 }, { delayMs: 2_000 }]);
    expect(afterFailure(4, false, DEFAULT_RETRY, 0.5)).toEqual({ next: 'dead-letter' });
  });

  it('end for a message whose workers end before it does, the third time', () => {
    expect([0, 1, 2, 3, 4].map(endsItsWorkers)).toEqual([false, false, false, true, true]);
  });

  it('are not for what can not be mended', () => {
    expect(afterFailure(1, true, DEFAULT_RETRY, 0.5)).toEqual({ next: 'dead-letter' });
  });

  it('are refused at start when they could not end or not fit', () => {
    const problems = problemsOfPolicy({ retries: 21, baseMs: 5, factor: 0.5, capMs: 4 });
    expect(problems.join()).toMatch(/retries is 21.*baseMs is 5.*factor is 0.5/);
  });
});

describe('messages behind one that waits', () => {
  const messages = fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), tries: fc.integer({ min: 1, max: 4 }) }), {
    maxLength: 40,
  });

  it('are decided in the order of their key, and no key waits for another, however turns of group and worker fall', () => {
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.nat(3)), (all, choices) => {
        const coming = all.map((message, place) => ({ ...message, place }));
        const waiting: typeof coming = [];
        const decided: typeof coming = [];
        const choice = choices[Symbol.iterator]();
        const left = new Map(coming.map(({ place, tries }) => [place, tries]));
        const tryOut = (message: (typeof coming)[number]): boolean => {
          left.set(message.place, left.get(message.place)! - 1);
          if (left.get(message.place)! > 0) return false;
          decided.push(message);
          return true;
        };
        while (coming.length + waiting.length > 0) {
          const pick = choice.next().value as number;
          if (coming.length > 0 && (pick > 0 || waiting.length === 0)) {
            const next = coming.shift()!;
            const keys = new Map(waiting.map(({ key }) => [key, null]));
            const turn = turnOf(comer(next.key), keys);
            expect(turn).toBe(waiting.some(({ key }) => key === next.key) ? 'wait' : 'decide');
            if (turn === 'wait' || !tryOut(next)) waiting.push(next);
          } else {
            const head = waiting[0]!;
            expect(turnOf({ ...comer(head.key), claimed: true }, new Map([[head.key, null]]))).toBe('decide');
            if (tryOut(head)) waiting.shift();
          }
        }
        for (const key of ['a', 'b', 'c']) {
          const places = decided.filter((message) => message.key === key).map(({ place }) => place);
          expect(places).toEqual(all.flatMap((message, place) => (message.key === key ? place : [])));
        }
      }),
    );
  });

  it('wait behind a dead letter that stops the key for everything but its own message', () => {
    const keys = new Map([['a', 'letter']]);
    expect(turnOf(comer('a'), keys)).toBe('wait');
    expect(turnOf({ ...comer('a'), redrives: 'other' }, keys)).toBe('wait');
    expect(turnOf({ ...comer('a'), redrives: 'letter' }, keys)).toBe('decide');
    expect(turnOf({ ...comer('a'), redrives: null }, new Map([['a', null]]))).toBe('wait');
  });

  it('go to the workers before anything is decided, also when they waited for something else', () => {
    expect(turnOf({ ...comer('a'), unworked: true }, new Map())).toBe('work');
    expect(turnOf({ ...comer('a'), unworked: true, claimed: true }, new Map())).toBe('work');
  });
});

function comer(orderKey: string): Comer {
  return { orderKey, claimed: false, redrives: null, unworked: false };
}
