import { Injectable, type PipeTransform } from '@nestjs/common';
import { namingIn } from '@towpath/service-kit/reviews/names-nobody';
import { z } from 'zod';
import { Problem } from './problem.js';

/** Kept for ever and readable, so it may name nobody. */
const reason = z
  .string()
  .trim()
  .min(1)
  .max(2_000)
  .refine((text) => namingIn(text) === undefined, 'names a person or a number of one; it is kept for ever')
  .meta({ description: 'why; kept for ever, so it names nobody' });

export const assignBody = z.strictObject({
  assignee: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/)
    .meta({ description: 'name of a person, as in their token' }),
});

export const revealBody = z.strictObject({ reason });

export const decisionBody = z.strictObject({
  decision: z.enum(['approve', 'edit', 'reject']),
  reasonCode: z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,128}$/)
    .meta({ description: 'why, in a word that can be counted' }),
  reason,
  edited: z.string().min(1).max(65_536).optional().meta({ description: 'for edit: the text to use instead' }),
  actionHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
    .meta({ description: 'what you decide about: the hash that the case shows' }),
});
export type DecisionBody = z.infer<typeof decisionBody>;

export const listQuery = z.strictObject({
  status: z.enum(['open', 'closed']).default('open'),
  service: z.string().max(64).optional(),
  person: z.string().max(64).optional().meta({ description: 'assigned to or claimed by' }),
  overdue: z.enum(['true', 'false']).default('false'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(1_024).optional().meta({ description: '`next` of the page before' }),
});
export type ListQuery = z.infer<typeof listQuery>;

/** Parses a body or a query; 422 with each wrong field when it does not fit. */
@Injectable()
export class Parsed<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  transform(value: unknown): T {
    const result = this.schema.safeParse(value ?? {});
    if (result.success) return result.data;
    const errors = result.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
    throw new Problem(422, 'FIELDS_INVALID', 'some fields do not fit; see errors', { errors });
  }
}
