import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Team } from './team.js';

const FILE_BYTES_MAX = 1_000_000;
const name = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'lower case, digits and dashes');
const country = z.string().regex(/^[A-Z]{2}$/, 'two capital letters of ISO 3166-1');

const teamFile = z
  .strictObject({
    territories: z.record(name, z.array(country)),
    /** of leads whose country is of no territory, or unknown */
    otherwise: name,
    reps: z
      .array(
        z.strictObject({
          name,
          territories: z.array(name).min(1),
          capacity: z.number().int().min(1).max(10_000),
          channel: z.string().min(1).max(80),
        }),
      )
      .min(1)
      .max(1_000),
  })
  .superRefine(({ territories, otherwise, reps }, context) => {
    const known = [...Object.keys(territories), otherwise];
    const seen = new Set<string>();
    for (const rep of reps) {
      if (seen.has(rep.name)) context.addIssue({ code: 'custom', message: `two reps are called ${rep.name}` });
      seen.add(rep.name);
      for (const one of rep.territories)
        if (!known.includes(one)) context.addIssue({ code: 'custom', message: `${rep.name}: no territory ${one}` });
    }
    const countries = Object.values(territories).flat();
    const twice = countries.find((one, index) => countries.indexOf(one) !== index);
    if (twice !== undefined) context.addIssue({ code: 'custom', message: `${twice} is in two territories` });
  });

/** Thrown at start, with the file and every problem: `REPS_INVALID`. */
export class RepsInvalid extends Error {
  readonly code = 'REPS_INVALID';

  constructor(file: string, problems: readonly string[]) {
    super(`REPS_INVALID: ${file}:\n${problems.map((one) => `  - ${one}`).join('\n')}\nsee docs/how-to/growth.md`);
    this.name = 'RepsInvalid';
  }
}

/** The team of a file; the shipped one without a path. Throws `RepsInvalid`. */
export function loadTeam(file: string = new URL('../../config/reps.yaml', import.meta.url).pathname): Team {
  let content: unknown;
  try {
    const bytes = readFileSync(file);
    if (bytes.length > FILE_BYTES_MAX) throw new Error(`larger than ${FILE_BYTES_MAX} bytes`);
    // In the YAML of before, the country code of Norway is a boolean.
    content = parse(bytes.toString('utf8'), { schema: 'core', maxAliasCount: 0 });
  } catch (error) {
    throw new RepsInvalid(file, [(error as Error).message]);
  }
  const result = teamFile.safeParse(content);
  if (result.success) return result.data;
  throw new RepsInvalid(
    file,
    result.error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`),
  );
}
