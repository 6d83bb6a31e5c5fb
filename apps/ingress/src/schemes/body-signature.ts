import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import { SCHEMES } from '@towpath/sources/schemes';
import { storableText } from '../storable-text.js';
import { INVALID, isCurrent, type Scheme, type SignatureHeaders, type Verdict } from './scheme.js';

/**
 * `<header>: <algorithm>=<hex HMAC of the body>`, as WebSub has it. Nothing but the body is signed: no time and no delivery id, so
 * that ingress holds the body's own event time against the clock, and triage refuses the same body when it comes again.
 */
function bodySignature(name: 'intercom' | 'github' | 'notion', algorithm: Algorithm, idAt: string | null): Scheme {
  const [header] = SCHEMES[name].headers;
  const signature = new RegExp(`^${algorithm}=([0-9a-f]{${2 * BYTES[algorithm]}})$`);
  return {
    name,
    ...SCHEMES[name],

    keyOf: ({ text, expiresAt, person }) => ({ key: createSecretKey(text, 'utf8'), kind: 'hmac', expiresAt, person }),

    verify([value = '']: SignatureHeaders, body, keys, nowMs): Verdict {
      const hex = signature.exec(value)?.[1];
      if (hex === undefined) {
        const detail = `${header} is not \`${algorithm}=<${2 * BYTES[algorithm]} hex digits>\`; send it as the provider made it.`;
        return { refusal: { code: 'SIGNATURE_MALFORMED', detail } };
      }
      const given = Buffer.from(hex, 'hex');
      let fitting = null;
      for (const key of keys) {
        const expected = createHmac(algorithm, key.key).update(body).digest();
        if (timingSafeEqual(expected, given) && isCurrent(key, nowMs)) fitting ??= key;
      }
      return fitting ? { key: fitting } : { refusal: INVALID };
    },

    signedIdOf: (_headers, body) => (idAt === null ? null : storableText(body[idAt])),
  };
}

type Algorithm = 'sha1' | 'sha256';

const BYTES = { sha1: 20, sha256: 32 } as const;

/** Intercom: the app's client secret. SHA-1 is weak for signatures by certificate and not for an HMAC; Intercom offers no other. */
export const intercom: Scheme = bodySignature('intercom', 'sha1', 'id');

/** GitHub: the webhook's secret. `X-GitHub-Delivery` is not signed and so counts for nothing. */
export const github: Scheme = bodySignature('github', 'sha256', null);

/** Notion: the subscription's verification token. */
export const notion: Scheme = bodySignature('notion', 'sha256', 'id');
