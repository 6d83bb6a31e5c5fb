import { cachedKeys } from './vault.js';

function counting() {
  const asked: string[][] = [];
  const fetchKeys = (subjects: string[]) => {
    asked.push(subjects);
    return Promise.resolve(
      new Map(subjects.map((subject) => [subject, subject === 'gone' ? null : Buffer.from(subject)])),
    );
  };
  let time = 0;
  return { asked, ...cachedKeys(fetchKeys, () => time), pass: (ms: number) => (time += ms) };
}

describe('the key cache', () => {
  it('asks once for all missing subjects and not again within 60 s, erased ones too', async () => {
    const { asked, keysFor, pass } = counting();
    await keysFor(['ann', 'gone', 'ann']);
    pass(59_999);
    const keys = await keysFor(['ann', 'gone', 'bob']);
    expect(asked).toEqual([['ann', 'gone'], ['bob']]);
    expect([keys.get('ann')?.toString(), keys.get('gone')]).toEqual(['ann', null]);
  });

  it('forgets after 60 s, so that an erasure is everywhere by then', async () => {
    const { asked, keysFor, pass } = counting();
    await keysFor(['ann']);
    pass(60_000);
    await keysFor(['ann']);
    expect(asked).toHaveLength(2);
  });

  it('asks anew at once for what it is told to forget', async () => {
    const { asked, keysFor, forget } = counting();
    await keysFor(['ann', 'bob']);
    forget(['ann']);
    await keysFor(['ann', 'bob']);
    expect(asked).toEqual([['ann', 'bob'], ['ann']]);
  });

  it('holds at most 100,000 keys, the oldest leaving first, and asks in pieces', async () => {
    const { asked, keysFor } = counting();
    const subjects = Array.from({ length: 100_001 }, (_, index) => `s${index}`);
    expect((await keysFor(subjects)).size).toBe(100_001);
    expect(Math.max(...asked.map((one) => one.length))).toBe(5_000);
    asked.length = 0;
    await keysFor(['s100000', 's1', 's0']);
    expect(asked).toEqual([['s0']]);
  });
});
