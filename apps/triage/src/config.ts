import { z } from 'zod';

const author = /^(?:zendesk|intercom):[^\s:,]{1,64}:[^\s:,]{1,64}$|^email:[^\s@,]{1,64}@[^\s@,]{1,255}$/;

/** Settings of triage beside the kit's. */
export const triageConfig = z.object({
  /** a model made by `npm run train -w apps/triage`; without it the product's own taxonomy is learned at start */
  TRIAGE_MODEL_FILE: z.string().optional(),
  /** by whom our own answers are written: `zendesk:<account>:<user id>`, `intercom:<workspace>:<admin id>`, `email:<address>` */
  TRIAGE_BOT_AUTHORS: z
    .string()
    .default('')
    .transform((text) => text.split(',').flatMap((one) => one.trim() || []))
    .refine((all) => all.every((one) => author.test(one)), {
      message:
        'write authors such as zendesk:12345:678, intercom:ab12cd:9 or email:help@example.org, with commas between',
    }),
});

export type TriageConfig = z.infer<typeof triageConfig>;
