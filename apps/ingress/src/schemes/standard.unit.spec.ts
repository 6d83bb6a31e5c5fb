import { readFileSync } from 'node:fs';
import { newKeyPair, newSecret } from '@towpath/sources/keys';
import { signStandard } from '@towpath/sources/sign';
import { mutated, seededRandom } from '../seeded.fixture.js';
import type { VerificationKey } from './scheme.js';
import { standard } from './standard.js';

/** The published vectors of Standard Webhooks (HMAC) and of its reference server (ed25519). */
const vectors = JSON.parse(readFileSync(new URL('./fixtures/standard.json', import.meta.url), 'utf8')) as {
  id: string;
  timestamp: number;
  body: string;
  hmac: { key: string; signature: string };
  ed25519: { key: string; privateKey: string; signature: string };
};

const { id, timestamp } = vectors;
const seconds = String(timestamp);
const NOW_MS = timestamp * 1000;
const body: Buffer = Buffer.from(vectors.body);
const keyOf = (text: string, expiresAt: number | null = null): VerificationKey =>
  standard.keyOf({ text, expiresAt, person: null });
const hmac = keyOf(vectors.hmac.key);
const ed25519 = keyOf(vectors.ed25519.key);
const codeOf = (headers: string[], bytes = body, keys = [hmac, ed25519], nowMs = NOW_MS): string => {
  const verdict = standard.verify(headers, bytes, keys, nowMs);
  return 'refusal' in verdict ? verdict.refusal.code : 'accepted';
};

describe('standard scheme', () => {
  it.each([vectors.hmac, vectors.ed25519])('accepts the published vector $signature', ({ key, signature }) => {
    expect(codeOf([id, seconds, signature], body, [keyOf(key)])).toBe('accepted');
  });

  it('signs as the published vectors do', () => {
    const at = new Date(NOW_MS);
    expect(signStandard(vectors.hmac.key, id, body, at)['webhook-signature']).toBe(vectors.hmac.signature);
    expect(signStandard(vectors.ed25519.privateKey, id, body, at)['webhook-signature']).toBe(vectors.ed25519.signature);
  });

  it('accepts a list in which one signature fits, in any place', () => {
    const wrong = `v1,${Buffer.alloc(32).toString('base64')}`;
    expect(codeOf([id, seconds, `${wrong} v2,abc ${vectors.hmac.signature}`])).toBe('accepted');
    expect(codeOf([id, seconds, `${vectors.ed25519.signature} ${wrong}`])).toBe('accepted');
    expect(codeOf([id, seconds, `${wrong} ${wrong}`])).toBe('SIGNATURE_INVALID');
  });

  it('does not take an ed25519 key for a shared secret, nor the other way round', () => {
    expect(codeOf([id, seconds, vectors.hmac.signature], body, [ed25519])).toBe('SIGNATURE_INVALID');
    expect(codeOf([id, seconds, vectors.ed25519.signature], body, [hmac])).toBe('SIGNATURE_INVALID');
  });

  it('tells whose key verified', () => {
    const ada = newKeyPair();
    const keys = ['bob', 'ada'].map((name) =>
      standard.keyOf({
        text: name === 'ada' ? ada.publicKey : newKeyPair().publicKey,
        expiresAt: null,
        person: { name, role: 'analyst' },
      }),
    );
    const signed = signStandard(ada.privateKey, id, body, new Date(NOW_MS));
    const verdict = standard.verify([id, seconds, signed['webhook-signature'] ?? ''], body, keys, NOW_MS);
    expect('key' in verdict && verdict.key.person).toEqual({ name: 'ada', role: 'analyst' });
  });

  it('accepts 300 s either way and refuses 301 s', () => {
    const headers = [id, seconds, vectors.hmac.signature];
    for (const offSeconds of [-300, 300])
      expect(codeOf(headers, body, [hmac], NOW_MS + offSeconds * 1000)).toBe('accepted');
    for (const offSeconds of [-301, 301]) {
      expect(codeOf(headers, body, [hmac], NOW_MS + offSeconds * 1000)).toBe('TIMESTAMP_OUT_OF_RANGE');
    }
  });

  it('accepts the previous secret until it expires', () => {
    const keys = [keyOf(newSecret()), keyOf(vectors.hmac.key, NOW_MS + 1)];
    const headers = [id, seconds, vectors.hmac.signature];
    expect(codeOf(headers, body, keys, NOW_MS)).toBe('accepted');
    expect(codeOf(headers, body, keys, NOW_MS + 1)).toBe('SIGNATURE_INVALID');
  });

  it.each(['', 'v1', 'v1,', 'v1,AAAA', 'v1a,AAAA', 'v2,AAAA', `v1,${'A'.repeat(9_000)}`, ' '.repeat(9_000)])(
    'refuses the signature %j',
    (signature) => expect(codeOf([id, seconds, signature])).toBe('SIGNATURE_MALFORMED'),
  );

  it.each(['', 'a b', 'a{', 'é', 'a\u0000', 'a'.repeat(256)])('refuses the id %j', (bad) => {
    expect(codeOf([bad, seconds, vectors.hmac.signature])).toBe('SIGNATURE_MALFORMED');
  });

  it('accepts none of 10,000 single-byte mutations of body, id, time and signature', () => {
    const random = seededRandom(2);
    const parts = [body, Buffer.from(id), Buffer.from(seconds), Buffer.from(vectors.hmac.signature)];
    let accepted = 0;
    for (let round = 0; round < 10_000; round++) {
      const which = round % parts.length;
      const [bytes = body, ...headers] = parts.map((part, index) => (index === which ? mutated(part, random) : part));
      if (
        codeOf(
          headers.map((header) => header.toString('latin1')),
          bytes,
          [hmac],
        ) === 'accepted'
      )
        accepted++;
    }
    expect(accepted).toBe(0);
  });

  it('accepts none of 1,000 single-byte mutations of an ed25519 delivery', () => {
    const random = seededRandom(3);
    const parts = [body, Buffer.from(id), Buffer.from(seconds), Buffer.from(vectors.ed25519.signature)];
    let accepted = 0;
    for (let round = 0; round < 1_000; round++) {
      const which = round % parts.length;
      const [bytes = body, ...headers] = parts.map((part, index) => (index === which ? mutated(part, random) : part));
      if (
        codeOf(
          headers.map((header) => header.toString('latin1')),
          bytes,
          [ed25519],
        ) === 'accepted'
      )
        accepted++;
    }
    expect(accepted).toBe(0);
  });
});
