import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { SPECIALISTS, type Macros } from './macros.js';

const FILE_BYTES_MAX = 1_000_000;
const CHANGES = ['refunded', 'failed', 'disputed', 'canceled', 'held', 'blocked'] as const;
const id = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'lower case, digits and dashes');
const version = z.number().int().min(1);
const sentence = z.string().trim().min(1).max(500).refine(isPlain, 'plain text on one line, without < and >');

const frame = z.strictObject({ id, version, text: sentence });
const macro = z.strictObject({
  id,
  version,
  queue: z.enum(SPECIALISTS),
  intents: z.array(z.string().min(1)).min(1),
  asks: z.string().min(1).max(2_000),
  history: z.array(z.enum([...CHANGES, 'ticket'])).default([]),
  slots: sentence.refine((text) => text.includes('{order}'), 'a slot sentence names {order}').optional(),
  text: z.array(sentence).min(1).max(10),
});

const macrosFile = z
  .strictObject({
    version: z.coerce.string().min(1).max(64),
    greeting: frame,
    closing: frame,
    macros: z.array(macro).min(1).max(2_000),
  })
  .superRefine(({ macros, greeting, closing }, context) => {
    const seen = new Set<string>();
    for (const one of [greeting, closing, ...macros]) {
      if (seen.has(one.id)) context.addIssue({ code: 'custom', message: `two macros have the id ${one.id}` });
      seen.add(one.id);
    }
  });

/** Thrown at start, with the file, every problem and how a file looks: `MACROS_INVALID`. */
export class MacrosInvalid extends Error {
  readonly code = 'MACROS_INVALID';

  constructor(file: string, problems: readonly string[]) {
    super(`MACROS_INVALID: ${file}:\n${problems.map((one) => `  - ${one}`).join('\n')}\nsee docs/how-to/support.md`);
    this.name = 'MacrosInvalid';
  }
}

/** The macros of a file; the shipped ones without a path. Throws `MacrosInvalid`. */
export function loadMacros(file: string = new URL('../../config/macros.yaml', import.meta.url).pathname): Macros {
  let content: unknown;
  try {
    const bytes = readFileSync(file);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
    // A date as version is text to us, not a day.
    content = parse(bytes.toString('utf8'), { schema: 'core', maxAliasCount: 0 });
  } catch (error) {
    throw new MacrosInvalid(file, [(error as Error).message]);
  }
  const result = macrosFile.safeParse(content);
  if (result.success) return result.data;
  throw new MacrosInvalid(
    file,
    result.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`),
  );
}

function isPlain(text: string): boolean {
  return !/[<>\p{Cc}]/u.test(text);
}
