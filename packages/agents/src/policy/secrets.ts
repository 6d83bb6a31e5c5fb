/** Forms of what opens something. Each is specific enough not to be met in what people write. */
const FORMS: readonly (readonly [kind: string, form: RegExp])[] = [
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['an API key', /\b(?:sk|rk|pk)[_-](?:live|test|proj|ant)[_-][A-Za-z0-9_-]{8,}/],
  ['a webhook secret', /\bwh(?:sec|sk)_[A-Za-z0-9+/=_-]{16,}/],
  ['an access token', /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeprs]-[\w-]{10,})/],
  ['an access key', /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/],
  ['a signed token', /\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}/],
  ['a password in an address', /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{1,80}:[^\s/@]{1,80}@/i],
  ['a canary', /\bCANARY[-_][A-Za-z0-9_-]{4,}/],
];

/** The forms, to replace each occurrence by. */
export function secretForms(): readonly (readonly [kind: string, form: RegExp])[] {
  return GLOBAL_FORMS;
}

const GLOBAL_FORMS = FORMS.map(([kind, form]) => [kind, new RegExp(form, `${form.flags}g`)] as const);

/** Shorter ones would be found everywhere. */
const KNOWN_CHARS_MIN = 8;

/**
 * What kind of secret stands in a text, or null. `known` are secrets by value; they are found in other spacing and capitals, too, in base64,
 * hexadecimal, percent-encoded and backwards, because that is how a model is told to carry them out.
 */
export function secretIn(text: string, known: readonly string[] = []): string | null {
  const plain = text.normalize('NFKC');
  for (const [kind, form] of FORMS) if (form.test(plain)) return kind;
  if (known.length === 0) return null;
  const compact = compactOf(plain);
  const unescaped = compactOf(percentDecoded(plain));
  for (const secret of known) {
    if (secret.length < KNOWN_CHARS_MIN) continue;
    const forms = [secret, [...secret].reverse().join(''), Buffer.from(secret).toString('hex')];
    if (forms.map(compactOf).some((form) => compact.includes(form) || unescaped.includes(form)))
      return 'a known secret';
    if (base64Cores(secret).some((core) => plain.replaceAll(/\s/g, '').includes(core))) return 'a known secret';
  }
  return null;
}

/** Letters and digits alone, small: spacing, dots and dashes between them hide nothing. */
function compactOf(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

/** What base64 makes of a secret wherever in the encoded bytes it begins; the first and last characters depend on its neighbours. */
function base64Cores(secret: string): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), Buffer.from(secret)])
      .toString('base64')
      .replaceAll('=', '');
    const core = encoded.slice(shift === 0 ? 0 : shift + 1, -1);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
