import { createHmac } from 'node:crypto';
import { signZendesk } from '@towpath/sources/sign';
import { mutated, seededRandom } from '../seeded.fixture.js';
import { zendesk } from './zendesk.js';

/** The secret that Zendesk's documentation gives for tests. */
const SECRET = 'dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ==';
const TIME = '2026-01-31T09:00:00Z';
const NOW_MS = Date.parse(TIME);
const body: Buffer = Buffer.from('{"id":"01GM","type":"zen:event-type:ticket.created","detail":{"id":"5158"}}');

function codeOf(signature: string, time: string, bytes = body, secrets = [SECRET], nowMs = NOW_MS): string {
  const keys = secrets.map((text) => zendesk.keyOf({ text, expiresAt: null, person: null }));
  const verdict = zendesk.verify([signature, time], bytes, keys, nowMs);
  return 'refusal' in verdict ? verdict.refusal.code : 'accepted';
}

const signed = (time = TIME, bytes = body, secret = SECRET): string =>
  createHmac('sha256', secret).update(`${time}${bytes.toString()}`).digest('base64');

describe('Zendesk scheme', () => {
  it('accepts the base64 HMAC-SHA256 of time and body, as the CLI signs it', () => {
    expect(codeOf(signed(), TIME)).toBe('accepted');
    expect(Object.values(signZendesk(SECRET, body, new Date(NOW_MS)))).toEqual([signed(), TIME]);
  });

  it('uses the secret as it is written, not what its base64 stands for', () => {
    const wrong = createHmac('sha256', Buffer.from(SECRET, 'base64'))
      .update(`${TIME}${body.toString()}`)
      .digest('base64');
    expect(codeOf(wrong, TIME)).toBe('SIGNATURE_INVALID');
  });

  it('accepts any current secret', () => {
    expect(codeOf(signed(), TIME, body, ['another secret', SECRET])).toBe('accepted');
    expect(codeOf(signed(), TIME, body, ['another secret'])).toBe('SIGNATURE_INVALID');
  });

  it('accepts 300 s either way and refuses 301 s', () => {
    for (const seconds of [-300, 300])
      expect(codeOf(signed(), TIME, body, [SECRET], NOW_MS + seconds * 1000)).toBe('accepted');
    for (const seconds of [-301, 301]) {
      expect(codeOf(signed(), TIME, body, [SECRET], NOW_MS + seconds * 1000)).toBe('TIMESTAMP_OUT_OF_RANGE');
    }
  });

  it('tells nobody without the secret what is wrong with the time', () => {
    expect(codeOf(signed(TIME, body, 'a forged one'), TIME, body, [SECRET], NOW_MS + 3_600_000)).toBe(
      'SIGNATURE_INVALID',
    );
  });

  it.each(['', '1700000000', '2026-01-31', '2026-01-31T09:00:00', '2026-01-31T09:00:00+01:00', `${TIME}{`, ` ${TIME}`])(
    'refuses the time %j, so that one signature fits one time and body only',
    (time) => expect(codeOf(signed(time), time)).toBe('SIGNATURE_MALFORMED'),
  );

  it('refuses a day that there is not', () => {
    const time = '2026-13-41T09:00:00Z';
    expect(codeOf(signed(time), time)).toBe('TIMESTAMP_OUT_OF_RANGE');
  });

  it.each(['', 'AAAA', 'x'.repeat(44), Buffer.alloc(31).toString('base64')])(
    'refuses the signature %j',
    (signature) => {
      expect(codeOf(signature, TIME)).toBe('SIGNATURE_MALFORMED');
    },
  );

  it('accepts none of 10,000 single-byte mutations of body, time and signature', () => {
    const random = seededRandom(4);
    const parts = [body, Buffer.from(TIME), Buffer.from(signed())];
    let accepted = 0;
    for (let round = 0; round < 10_000; round += 1) {
      const [bytes = body, time, signature] = parts.map((part, index) =>
        index === round % parts.length ? mutated(part, random) : part,
      );
      if (codeOf(signature!.toString('latin1'), time!.toString('latin1'), bytes) === 'accepted') accepted += 1;
    }
    expect(accepted).toBe(0);
  });
});
