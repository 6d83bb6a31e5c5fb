import { isTimeSigned, SCHEME_NAMES, SCHEMES as FACTS } from '@towpath/sources/schemes';
import { signAs } from '@towpath/sources/sign';
import { newSecret } from '@towpath/sources/keys';
import fc from 'fast-check';
import { SCHEMES } from '../source-book.js';
import { EVENT_TIMES, eventTimeRefusal } from './event-time.js';

const NOW_MS = Date.parse('2026-01-31T09:00:00Z');
const HOUR_MS = 3_600_000;

describe('the event time of a body', () => {
  it.each([
    ['intercom', { created_at: NOW_MS / 1000 }],
    ['notion', { timestamp: '2026-01-31T09:00:00.000Z' }],
    ['zendesk', { time: '2026-01-31T09:00:00Z' }],
    ['stripe', { created: NOW_MS / 1000 }],
    ['platform', { timestamp: '2026-01-31T10:00:00+01:00' }],
    ['github', { repository: { pushed_at: NOW_MS / 1000, created_at: '2019-01-01T00:00:00Z' } }],
    ['github', { issue: { created_at: '2020-01-01T00:00:00Z', updated_at: '2026-01-31T09:00:00Z' } }],
    ['github', { head_commit: { timestamp: '2026-01-31T10:00:00+01:00' }, repository: { created_at: 1 } }],
  ] as const)('of %s is found in %j', (provider, body) => expect(EVENT_TIMES[provider](body)).toBe(NOW_MS));

  it('is at most 24 h old and 300 s ahead, to the millisecond', () => {
    expect(eventTimeRefusal(NOW_MS - 24 * HOUR_MS, NOW_MS)).toBeNull();
    expect(eventTimeRefusal(NOW_MS + 300_000, NOW_MS)).toBeNull();
    expect(eventTimeRefusal(NOW_MS - 24 * HOUR_MS - 1, NOW_MS)?.code).toBe('TIMESTAMP_OUT_OF_RANGE');
    expect(eventTimeRefusal(NOW_MS + 300_001, NOW_MS)?.code).toBe('TIMESTAMP_OUT_OF_RANGE');
    expect(eventTimeRefusal(null, NOW_MS)?.code).toBe('EVENT_TIME_MISSING');
  });

  it('is a number or nothing for any JSON', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('created_at', 'timestamp', 'repository', 'time'), fc.jsonValue()),
        (body) => {
          for (const timeOf of Object.values(EVENT_TIMES)) {
            const time = timeOf(body);
            expect(time === null || Number.isFinite(time)).toBe(true);
          }
        },
      ),
    );
  });
});

describe('what a scheme declares of its time', () => {
  it.each(SCHEME_NAMES)(
    '%s: a delivery signed an hour ago is refused when the time is signed, and only then',
    (name) => {
      const scheme = SCHEMES[name];
      const secret = newSecret();
      const body = Buffer.from('{}');
      const headers = signAs(name, secret, { id: 'msg_1', body, at: new Date(NOW_MS - HOUR_MS) });
      const values = scheme.headers.map((header) => headers[header] ?? '');
      const verdict = scheme.verify(
        values,
        body,
        [scheme.keyOf({ text: secret, expiresAt: null, person: null })],
        NOW_MS,
      );
      const code = 'refusal' in verdict ? verdict.refusal.code : 'accepted';
      expect(code).toBe(FACTS[name].timeSigned ? 'TIMESTAMP_OUT_OF_RANGE' : 'accepted');
      expect(scheme.timeSigned).toBe(isTimeSigned(name));
    },
  );

  it('is that no time is signed, for a scheme that nobody knows', () => {
    expect(['none', 'toString', '__proto__'].map(isTimeSigned)).toEqual([false, false, false]);
  });
});
