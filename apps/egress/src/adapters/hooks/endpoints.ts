import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { secretBytesOf } from '@towpath/sources/keys';
import { z } from 'zod';

const endpointSchema = z
  .strictObject({
    /** https, or http on loopback */
    url: z.url({ protocol: /^https?$/ }),
    /** `whsec_…`; the first signs now, a second is the one that is being replaced and signs, too */
    secrets: z.array(z.string()).min(1).max(2).optional(),
    /** the same from files */
    secretFiles: z.array(z.string()).min(1).max(2).optional(),
  })
  .refine(({ secrets, secretFiles }) => (secrets === undefined) !== (secretFiles === undefined), {
    message: 'give secrets or secretFiles, not both',
  });

/** The receiver of outgoing webhooks. */
export interface Endpoint {
  readonly url: string;
  readonly secrets: readonly string[];
}

/** By name: lower-case letters, digits and dashes. */
export type Endpoints = Readonly<Record<string, Endpoint>>;

/**
 * The setting HOOK_ENDPOINTS, JSON: `{"acme": {"url": "https://…", "secretFiles": ["/run/secrets/acme"]}}`. Refuses what no
 * partner's address can be: another scheme, credentials or a bare address in the URL, a port of its own.
 */
export const endpointsSetting = z.string().transform((text, context): Endpoints => {
  try {
    const given = z.record(z.string().regex(/^[a-z0-9-]{1,40}$/), endpointSchema).parse(JSON.parse(text));
    return Object.fromEntries(Object.entries(given).map(([name, one]) => [name, endpointOf(name, one)]));
  } catch (error) {
    // The text holds secrets, and so may what a parser says of it.
    const what =
      error instanceof z.ZodError ? z.prettifyError(error) : error instanceof SyntaxError ? 'no JSON' : String(error);
    context.addIssue({ code: 'custom', message: what });
    return z.NEVER;
  }
});

function endpointOf(name: string, { url, secrets, secretFiles }: z.output<typeof endpointSchema>): Endpoint {
  if (!isLoopback(new URL(url)) && !isPartner(new URL(url)))
    throw new Error(`${name}: the address must be https with a host name, on port 443`);
  const keys = secrets ?? (secretFiles ?? []).map((file) => readFileSync(file, 'utf8').trim());
  for (const key of keys) checkSecret(name, key);
  return { url, secrets: keys };
}

function isLoopback({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

/** A bare address could only be meant to get around the checks of names. */
function isPartner({ protocol, hostname, port, username, password }: URL): boolean {
  const isNamed = isIP(hostname.replace(/^\[|\]$/g, '')) === 0;
  return protocol === 'https:' && port === '' && isNamed && username === '' && password === '';
}

function checkSecret(name: string, key: string): void {
  try {
    if (key.startsWith('whsec_') && secretBytesOf(key).length >= 24) return;
  } catch {
    // Said below, without the secret.
  }
  throw new Error(`${name}: a secret is whsec_ and at least 24 bytes in base64`);
}
