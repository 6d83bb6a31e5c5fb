import { readFileSync } from 'node:fs';
import { signAs } from '@towpath/sources/sign';
import { mutated, seededRandom } from '../seeded.fixture.js';
import { github, intercom, notion } from './body-signature.js';
import type { Scheme } from './scheme.js';

interface Vector {
  readonly secret: string;
  readonly body: string;
  readonly signature: string;
}

/** GitHub's own published vector, and those of RFC 2202 (HMAC-SHA1) and RFC 4231 (HMAC-SHA256), test case 2. */
const vectors = JSON.parse(readFileSync(new URL('./fixtures/body-signature.json', import.meta.url), 'utf8')) as Record<
  'github' | 'hmacSha1' | 'hmacSha256',
  Vector
>;

const SECRET = 'a client secret of 32 characters';
const body: Buffer = Buffer.from('{"type":"notification_event","id":"notif_1","created_at":1700000000}');
const NOW_MS = 1_700_000_000_000;

function codeOf(scheme: Scheme, signature: string, bytes: Buffer, secrets: readonly string[] = [SECRET]): string {
  const keys = secrets.map((text) => scheme.keyOf({ text, expiresAt: null, person: null }));
  const verdict = scheme.verify([signature], bytes, keys, NOW_MS);
  return 'refusal' in verdict ? verdict.refusal.code : 'accepted';
}

describe('schemes that sign the body only', () => {
  it.each([
    [github, vectors.github],
    [github, vectors.hmacSha256],
    [intercom, vectors.hmacSha1],
    [notion, vectors.hmacSha256],
  ] as const)('$name accepts a published vector', (scheme, { secret, body: text, signature }) => {
    expect(codeOf(scheme, signature, Buffer.from(text), [secret])).toBe('accepted');
    expect(codeOf(scheme, signature, Buffer.from(`${text} `), [secret])).toBe('SIGNATURE_INVALID');
  });

  it.each([github, intercom, notion])('$name accepts what the CLI signs, with any of its secrets', (scheme) => {
    const [signature = ''] = Object.values(signAs(scheme.name, SECRET, { id: 'x', body, at: new Date(NOW_MS) }));
    expect(codeOf(scheme, signature, body, ['the next secret', SECRET])).toBe('accepted');
    expect(codeOf(scheme, signature, body, ['the next secret'])).toBe('SIGNATURE_INVALID');
  });

  it.each([github, intercom, notion])('$name accepts a secret until it expires', (scheme) => {
    const [signature = ''] = Object.values(signAs(scheme.name, SECRET, { id: 'x', body, at: new Date(NOW_MS) }));
    const until = (expiresAt: number) =>
      scheme.verify([signature], body, [scheme.keyOf({ text: SECRET, expiresAt, person: null })], NOW_MS);
    expect('key' in until(NOW_MS + 1)).toBe(true);
    expect('key' in until(NOW_MS)).toBe(false);
  });

  it('does not take one algorithm for the other', () => {
    expect(codeOf(github, vectors.hmacSha1.signature, Buffer.from(vectors.hmacSha1.body), ['Jefe'])).toBe(
      'SIGNATURE_MALFORMED',
    );
    expect(codeOf(intercom, vectors.hmacSha256.signature, Buffer.from(vectors.hmacSha256.body), ['Jefe'])).toBe(
      'SIGNATURE_MALFORMED',
    );
  });

  it.each([
    '',
    'sha1=',
    'sha1=zz',
    `sha1=${'A'.repeat(40)}`,
    `sha1=${'0'.repeat(41)}`,
    `sha1=${'0'.repeat(39)}`,
    '0'.repeat(40),
  ])('refuses the signature %j', (signature) => expect(codeOf(intercom, signature, body)).toBe('SIGNATURE_MALFORMED'));

  it.each([github, intercom, notion])(
    '$name accepts none of 10,000 single-byte mutations of body and signature',
    (scheme) => {
      const random = seededRandom(5);
      const [signature = ''] = Object.values(signAs(scheme.name, SECRET, { id: 'x', body, at: new Date(NOW_MS) }));
      let accepted = 0;
      for (let round = 0; round < 10_000; round += 1) {
        const changed =
          round % 2 === 0
            ? codeOf(scheme, signature, mutated(body, random))
            : codeOf(scheme, mutated(Buffer.from(signature), random).toString('latin1'), body);
        if (changed === 'accepted') accepted += 1;
      }
      expect(accepted).toBe(0);
    },
  );

  it('takes the delivery id from the signed body, and none where the body has none', () => {
    expect(intercom.signedIdOf([''], { id: 'notif_1' })).toBe('notif_1');
    expect(notion.signedIdOf([''], { id: 'e1' })).toBe('e1');
    expect(github.signedIdOf([''], { id: 'x' })).toBeNull();
  });
});
