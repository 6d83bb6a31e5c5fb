import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { signStripe } from '@towpath/sources/sign';
import { mutated, seededRandom } from '../seeded.fixture.js';
import type { VerificationKey } from './scheme.js';
import { stripe } from './stripe.js';

const fixture = JSON.parse(readFileSync(new URL('./fixtures/stripe.json', import.meta.url), 'utf8')) as {
  secret: string;
  timestamp: number;
  body: string;
  header: string;
};

const NOW_MS = fixture.timestamp * 1000;
const body: Buffer = Buffer.from(fixture.body);
const keyOf = (text: string, expiresAt: number | null = null): VerificationKey =>
  stripe.keyOf({ text, expiresAt, person: null });
const key = keyOf(fixture.secret);
const codeOf = (header: string, bytes = body, keys = [key], nowMs = NOW_MS): string => {
  const verdict = stripe.verify([header], bytes, keys, nowMs);
  return 'refusal' in verdict ? verdict.refusal.code : 'accepted';
};

describe('stripe scheme', () => {
  it('accepts the fixture, made by the formula of the documentation', () => {
    expect(codeOf(fixture.header)).toBe('accepted');
    const digest = createHmac('sha256', fixture.secret).update(`${fixture.timestamp}.${fixture.body}`).digest('hex');
    expect(fixture.header).toContain(`v1=${digest}`);
    expect(signStripe(fixture.secret, body, new Date(NOW_MS))['stripe-signature']).toBe(
      `t=${fixture.timestamp},v1=${digest}`,
    );
  });

  it('accepts any of several v1, ignores v0 and names it does not know', () => {
    const [t, v1] = fixture.header.split(',');
    const other = 'f'.repeat(64);
    expect(codeOf(`${t},v1=${other},${v1},v0=${other},x=1`)).toBe('accepted');
    expect(codeOf(`${t},v1=${other},v1=${other}`)).toBe('SIGNATURE_INVALID');
    expect(codeOf(`${t},${v1?.replace('v1', 'v0')}`)).toBe('SIGNATURE_MALFORMED');
  });

  it('accepts 300 s either way and refuses 301 s', () => {
    for (const offSeconds of [-300, 300])
      expect(codeOf(fixture.header, body, [key], NOW_MS + offSeconds * 1000)).toBe('accepted');
    for (const offSeconds of [-301, 301]) {
      expect(codeOf(fixture.header, body, [key], NOW_MS + offSeconds * 1000)).toBe('TIMESTAMP_OUT_OF_RANGE');
    }
  });

  it('accepts the previous secret until it expires', () => {
    const keys = [keyOf('whsec_the-new-secret-after-rotation'), keyOf(fixture.secret, NOW_MS + 1)];
    expect(codeOf(fixture.header, body, keys, NOW_MS)).toBe('accepted');
    expect(codeOf(fixture.header, body, keys, NOW_MS + 1)).toBe('SIGNATURE_INVALID');
  });

  it.each(['', 't=1', 'v1=', 't=,v1=00', 'v1', 't=1,t=2,v1=', '='.repeat(5_000), ','.repeat(5_000)])(
    'refuses %j',
    (header) => {
      expect(codeOf(header)).toBe('SIGNATURE_MALFORMED');
    },
  );

  it('refuses two timestamps, upper-case digits, and re-serialised JSON', () => {
    expect(codeOf(`t=${fixture.timestamp},${fixture.header}`)).toBe('SIGNATURE_MALFORMED');
    expect(codeOf(fixture.header.toUpperCase().replace('T=', 't=').replace('V1=', 'v1='))).toBe('SIGNATURE_MALFORMED');
    expect(codeOf(fixture.header, Buffer.from(JSON.stringify(JSON.parse(fixture.body))))).toBe('SIGNATURE_INVALID');
  });

  it('accepts none when there is no key', () => {
    expect(codeOf(fixture.header, body, [])).toBe('SIGNATURE_INVALID');
  });

  it('accepts none of 10,000 single-byte mutations of body, time and signature', () => {
    const random = seededRandom(1);
    const header = Buffer.from(fixture.header, 'latin1');
    let accepted = 0;
    for (let round = 0; round < 10_000; round++) {
      const isBody = round % 2 === 0;
      const changedHeader = isBody ? fixture.header : mutated(header, random).toString('latin1');
      if (codeOf(changedHeader, isBody ? mutated(body, random) : body) === 'accepted') accepted++;
    }
    expect(accepted).toBe(0);
  });

  it('takes the id from the signed body only, and only one that can be stored', () => {
    expect(stripe.signedIdOf([fixture.header], { id: 'evt_1' })).toBe('evt_1');
    for (const id of [undefined, null, 1, '', 'a\u0000b', '\ud800', 'x'.repeat(256), {}, []]) {
      expect(stripe.signedIdOf([fixture.header], { id })).toBeNull();
    }
  });
});
