import { isIP } from 'node:net';
import { parse } from 'yaml';
import { z } from 'zod';
import { PROVIDER_NAMES } from './providers.js';
import { SCHEME_NAMES } from './schemes.js';
import { SourceError } from './source-error.js';

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
export const nameSchema = z
  .string()
  .regex(NAME, 'use 1 to 64 of a-z, 0-9, "-" and "_", starting with a letter or digit');
const fileName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'name a file inside the secrets folder, without a path');

const previousSecret = z.strictObject({ file: fileName, expiresAt: z.iso.datetime({ offset: true }) });
const secretFiles = z.strictObject({ current: fileName, previous: previousSecret.optional() });

/**
 * One source of deliveries. Every object is strict and `scheme` is not optional: a setting that this file does not know,
 * and so also any setting that would skip verification, makes the whole file invalid.
 */
const sourceSchema = z
  .strictObject({
    provider: z.enum(PROVIDER_NAMES),
    scheme: z.enum(SCHEME_NAMES),
    secretFiles: secretFiles.optional(),
    allow: z.array(z.string().refine(isCidr, 'write an address or a CIDR range such as 203.0.113.0/24')).default([]),
    proxies: z.int().min(0).max(10).default(0),
    ratePerSecond: z.int().min(1).max(100_000).default(5_000),
    disabled: z.boolean().default(false),
  })
  .superRefine((source, context) => {
    const wrong = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (source.provider === 'operator') {
      if (source.scheme !== 'standard') wrong('scheme', 'people sign with ed25519: use `standard`');
      if (source.secretFiles) wrong('secretFiles', 'people sign with their own keys: remove it, see operators.yaml');
    } else if (!source.secretFiles) {
      wrong('secretFiles', 'every source needs a secret: name its file as `secretFiles.current`');
    }
  });

export const publicKeySchema = z.string().regex(/^whpk_[A-Za-z0-9+/]{43}=$/, 'use `whpk_` and 32 bytes in base64');

const operatorSchema = z.strictObject({
  role: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'use 1 to 64 of a-z, 0-9 and "-"'),
  publicKey: publicKeySchema,
});

const sourcesFileSchema = z.strictObject({ sources: z.record(nameSchema, sourceSchema).default({}) });
const operatorsFileSchema = z.strictObject({ people: z.record(nameSchema, operatorSchema).default({}) });

/** A source as written in sources.yaml, defaults filled in. */
export type Source = z.infer<typeof sourceSchema>;
/** A person who may send commands: role and ed25519 public key (`whpk_…`). */
export type Operator = z.infer<typeof operatorSchema>;

/** The sources in the text of a sources.yaml, by name. Throws SOURCES_INVALID, naming each wrong setting. */
export function parseSources(text: string, file: string): Record<string, Source> {
  return check(sourcesFileSchema, text, file).sources;
}

/** The people in the text of an operators.yaml, by name. Throws SOURCES_INVALID, naming each wrong setting. */
export function parseOperators(text: string, file: string): Record<string, Operator> {
  return check(operatorsFileSchema, text, file).people;
}

/** Throws SOURCE_NAME_INVALID unless `name` can name a source or a person. */
export function checkName(name: string): void {
  if (NAME.test(name)) return;
  throw new SourceError(
    'SOURCE_NAME_INVALID',
    `"${name.slice(0, 64)}" can't be a name: use 1 to 64 of a-z, 0-9, "-" and "_".`,
  );
}

function check<T>(schema: z.ZodType<T>, text: string, file: string): T {
  const result = schema.safeParse(readYaml(text, file) ?? {});
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'file'}: ${issue.message}`);
  throw new SourceError('SOURCES_INVALID', `${file} is not valid; correct: ${issues.join('; ')}.`);
}

function readYaml(text: string, file: string): unknown {
  try {
    return parse(text, { maxAliasCount: 0 });
  } catch (error) {
    const line = (error as { linePos?: [{ line: number }] }).linePos?.[0].line;
    throw new SourceError(
      'SOURCES_INVALID',
      `${file} is not YAML${line ? ` (line ${line})` : ''}; correct its syntax.`,
    );
  }
}

function isCidr(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
