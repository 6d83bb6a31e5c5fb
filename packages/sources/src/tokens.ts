import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { readTextIfThere, tokensFileOf, writeAtomically, type TokenFiles } from './files.js';
import { checkName, nameSchema, publicKeySchema } from './schema.js';
import { SourceError } from './source-error.js';
import { newToken, TOKEN_ROLES, type NewToken, type TokenRole } from './token.js';

const time = z.iso.datetime({ offset: true });

const tokenSchema = z.strictObject({
  person: nameSchema,
  role: z.enum(TOKEN_ROLES),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** null for a viewer, who signs nothing */
  publicKey: publicKeySchema.nullable(),
  createdAt: time,
  expiresAt: time,
});

const fileSchema = z.strictObject({
  tokens: z.record(z.string().regex(/^[0-9a-f]{16}$/), tokenSchema).default({}),
});

/** A token as it is kept: whose it is and how to know it, but not the token. */
export type Token = z.infer<typeof tokenSchema>;

export const TOKEN_TTL_MS_MAX = 24 * 3_600_000;

/** Each key of a token is tried for a command that no key fits, so their number is bounded. */
const TOKENS_MAX = 64;

/** All tokens as kept, by id, those that are over included. Throws SOURCES_INVALID. */
export function listTokens(files: TokenFiles): Record<string, Token> {
  const path = tokensFileOf(files);
  const text = readTextIfThere(path);
  if (text === null) return {};
  const result = fileSchema.safeParse(yamlOf(text, path) ?? {});
  if (result.success) return result.data.tokens;
  const [issue] = result.error.issues;
  throw new SourceError(
    'SOURCES_INVALID',
    `${path} is not valid: ${issue?.path.join('.')}: ${issue?.message}; create the tokens anew.`,
  );
}

/**
 * Makes a token for a person; only its hash and public key are kept, and tokens that are over are dropped. Throws SOURCE_NAME_INVALID,
 * TOKEN_TTL_INVALID, TOKENS_TOO_MANY or SOURCES_INVALID; then nothing has changed.
 */
export function addToken(
  files: TokenFiles,
  person: string,
  role: TokenRole,
  ttlMs: number,
  now = new Date(),
): NewToken {
  checkName(person);
  if (!(ttlMs > 0 && ttlMs <= TOKEN_TTL_MS_MAX)) {
    throw new SourceError('TOKEN_TTL_INVALID', 'A token lives longer than 0 and at most 24 h.');
  }
  const current = Object.entries(listTokens(files)).filter(
    ([, { expiresAt }]) => Date.parse(expiresAt) > now.getTime(),
  );
  if (current.length >= TOKENS_MAX) {
    throw new SourceError(
      'TOKENS_TOO_MANY',
      `${TOKENS_MAX} tokens are in force; revoke one with \`towpath token revoke\`.`,
    );
  }
  const made = newToken();
  const kept: Token = {
    ...{ person, role, hash: made.hash, publicKey: role === 'viewer' ? null : made.publicKey },
    createdAt: now.toISOString(),
    expiresAt: new Date(now.getTime() + ttlMs).toISOString(),
  };
  write(files, Object.fromEntries([...current, [made.id, kept]]));
  return made;
}

/** Ends a token: within moments it opens nothing and what it signs verifies no more. Throws TOKEN_UNKNOWN. */
export function revokeToken(files: TokenFiles, id: string): Token {
  const { [id]: revoked, ...left } = listTokens(files);
  if (!revoked)
    throw new SourceError('TOKEN_UNKNOWN', `There is no token ${id.slice(0, 64)}; see \`towpath token list\`.`);
  write(files, left);
  return revoked;
}

function write(files: TokenFiles, tokens: Record<string, Token>): void {
  writeAtomically(tokensFileOf(files), stringify({ tokens }), 0o600);
}

function yamlOf(text: string, path: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch {
    throw new SourceError('SOURCES_INVALID', `${path} is not YAML; create the tokens anew.`);
  }
}
