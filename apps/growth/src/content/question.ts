import { z } from 'zod';

/** What a draft is made from: what is known of the lead, without what tells who it is, and what they wrote. */
export const contentQuestion = z.object({
  contactId: z.string(),
  signalId: z.string(),
  kind: z.enum(['form', 'product']),
  code: z.string(),
  product: z.string().nullable(),
  domain: z.string(),
  employees: z.number().nullable(),
  seniority: z.string(),
  interests: z.array(z.string()),
  grade: z.enum(['hot', 'warm', 'cold']),
  /** as they wrote it; a model sees it as its contract's tag says */
  message: z.string().nullable(),
});
export type ContentQuestion = z.output<typeof contentQuestion>;

/** A draft without its greeting and signature, which the handler puts around it. */
export const contentDraft = z.object({
  subject: z.string().min(1).max(120),
  paragraphs: z.array(z.string().min(1).max(1_000)).min(1).max(8),
  /** ids and versions of the pieces that it is made of, or that a model worked from */
  cited: z.array(z.object({ id: z.string(), version: z.number() })),
  /** who found the words: approved pieces alone, or a model from them */
  words: z.enum(['library', 'model']),
});
export type ContentDraft = z.output<typeof contentDraft>;
