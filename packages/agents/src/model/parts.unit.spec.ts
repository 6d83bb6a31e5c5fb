import fc from 'fast-check';
import { z } from 'zod';
import { AnswerCache } from './answer-cache.js';
import { canonicalRequest, firstDifference, requestHash } from './canonical-request.js';
import { question } from './gateway.fixture.js';
import { costMicros, priceOf, PRICES, worstCaseMicros } from './prices.js';
import { retryAfterMs, waitBeforeRetry } from './retry-plan.js';

const settings = { model: 'gpt-4.1-mini', outputTokensMax: 100 };

describe('the hash of a request', () => {
  it('is the same for the same question, whatever run and step ask it, and differs exactly when a field does', () => {
    const base = canonicalRequest(question(), settings);
    expect(requestHash(canonicalRequest(question({ runId: 'r', step: 's' }), settings))).toBe(requestHash(base));
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        const [one, two] = [left, right].map((text) =>
          canonicalRequest(question({ parts: [{ label: 'x', text: text.toWellFormed(), taint: 'own' }] }), settings),
        ) as [typeof base, typeof base];
        const difference = firstDifference(one, two);
        expect(difference === null).toBe(requestHash(one) === requestHash(two));
        if (difference !== null) expect(difference).toBe('parts[0].text');
      }),
    );
  });

  it('refuses a schema that no model can be asked for', () => {
    expect(() => canonicalRequest({ ...question(), schema: z.string() }, settings)).toThrow('z.object');
  });
});

describe('prices', () => {
  it('know a model by its dated name, and no other', () => {
    expect(priceOf('gpt-4.1-mini-2025-04-14')).toBe(PRICES['gpt-4.1-mini']);
    expect(priceOf('gpt-4.1-mini-turbo')).toBeUndefined();
  });

  it('round up to whole micro-units, and the worst case is never below the bill', () => {
    const price = PRICES['gpt-4o-mini']!;
    expect(costMicros(price, { inputTokens: 1, cachedInputTokens: 0, outputTokens: 0 })).toBe(1);
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), fc.nat(1e5), fc.nat(1e5), (bytes, input, output, outputMax) => {
        const inputTokens = Math.min(bytes, input);
        const outputTokens = Math.min(output, outputMax);
        const bill = costMicros(price, { inputTokens, cachedInputTokens: input % (inputTokens + 1), outputTokens });
        expect(worstCaseMicros(price, bytes, outputMax)).toBeGreaterThanOrEqual(bill);
        expect(Number.isSafeInteger(bill)).toBe(true);
      }),
    );
  });
});

describe('waiting before a retry', () => {
  const plan = { attemptsMax: 3, backoffBaseMs: 100, backoffMsMax: 1_000, retryAfterMsMax: 5_000 };
  it('is never longer than what is left, shorter than Retry-After, or after the last try', () => {
    const wait = fc.record({
      attempt: fc.integer({ min: 1, max: 5 }),
      retryAfterMs: fc.option(fc.nat(10_000)),
      leftMs: fc.nat(10_000),
      random: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(wait, (facts) => {
        const waitMs = waitBeforeRetry(plan, facts);
        if (waitMs === null) return;
        expect(facts.attempt).toBeLessThan(3);
        expect(waitMs).toBeLessThan(facts.leftMs);
        if (facts.retryAfterMs !== null) expect(waitMs).toBeGreaterThanOrEqual(facts.retryAfterMs);
        expect(facts.retryAfterMs ?? 0).toBeLessThanOrEqual(5_000);
      }),
    );
  });

  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:05 GMT' }, 4_000],
    [{ 'retry-after-ms': '250', 'retry-after': '9' }, 250],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': '-1' }, null],
    [{}, null],
  ])('reads %j as %p', (headers: Record<string, string>, expected) => {
    expect(retryAfterMs((name) => headers[name], 1_000)).toBe(expected);
  });
});

describe('the cache of answers', () => {
  it('stays within its bounds and forgets in time, whatever is put in', () => {
    const put = fc.record({ key: fc.nat(20).map(String), characters: fc.nat(60), passMs: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(put), (puts) => {
        let nowMs = 0;
        const cache = new AnswerCache<number>({ entriesMax: 5, charactersMax: 100, ttlMs: 100 }, () => nowMs);
        const put = new Map<string, { at: number; characters: number }>();
        for (const { key, characters, passMs } of puts) {
          nowMs += passMs;
          cache.set(key, characters, characters);
          put.set(key, { at: nowMs, characters });
          expect(cache.size).toBeLessThanOrEqual(5);
          const kept = [...put].filter(([one]) => cache.get(one) !== undefined);
          expect(kept.reduce((sum, [, one]) => sum + one.characters, 0)).toBeLessThanOrEqual(100);
          for (const [, { at }] of kept) expect(nowMs - at).toBeLessThan(100);
        }
      }),
    );
  });
});
