import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Library } from './pieces.js';

const FILE_BYTES_MAX = 1_000_000;
const code = z.string().regex(/^[A-Za-z0-9_.:-]{1,128}$/, 'a code');
const text = z.string().trim().min(1).max(500).refine(isPlain, 'plain text on one line, without < and >');

const when = z.strictObject({
  kinds: z.array(z.enum(['form', 'product'])).optional(),
  codes: z.array(code).optional(),
  interests: z.array(code).optional(),
  domains: z.array(code).optional(),
  seniorities: z.array(code).optional(),
  grades: z.array(z.enum(['hot', 'warm', 'cold'])).optional(),
  employeesFrom: z.number().int().min(1).optional(),
});
const piece = z.strictObject({ id: code, version: z.number().int().min(1), when, text });
const opening = piece.extend({ subject: z.string().trim().min(1).max(120).refine(isPlain) });

const libraryFile = z
  .strictObject({
    version: z.coerce.string().min(1).max(64),
    openings: z.array(opening).min(1).max(500),
    bodies: z.array(piece).min(1).max(2_000),
    closings: z.array(piece).min(1).max(500),
  })
  .superRefine(({ openings, bodies, closings }, context) => {
    const ids = [...openings, ...bodies, ...closings].map(({ id }) => id);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `two pieces have the id ${twice}` });
    for (const [name, pieces] of Object.entries({ bodies, closings }))
      if (!pieces.some((one) => Object.keys(one.when).length === 0))
        context.addIssue({ code: 'custom', message: `${name}: one has to fit every lead (when: {})` });
  });

/** Thrown at start, with the file and every problem: `CONTENT_INVALID`. */
export class ContentInvalid extends Error {
  readonly code = 'CONTENT_INVALID';

  constructor(file: string, problems: readonly string[]) {
    super(`CONTENT_INVALID: ${file}:\n${problems.map((one) => `  - ${one}`).join('\n')}\nsee docs/how-to/growth.md`);
    this.name = 'ContentInvalid';
  }
}

/** The library of a file; the shipped one without a path. Throws `ContentInvalid`. */
export function loadLibrary(file: string = new URL('../../config/content.yaml', import.meta.url).pathname): Library {
  let content: unknown;
  try {
    const bytes = readFileSync(file);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
    content = parse(bytes.toString('utf8'), { schema: 'core', maxAliasCount: 0 });
  } catch (error) {
    throw new ContentInvalid(file, [(error as Error).message]);
  }
  const result = libraryFile.safeParse(content);
  if (result.success) return result.data;
  throw new ContentInvalid(
    file,
    result.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`),
  );
}

function isPlain(words: string): boolean {
  return !/[<>\p{Cc}]/u.test(words);
}
