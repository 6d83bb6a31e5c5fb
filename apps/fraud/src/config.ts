import { z } from 'zod';

/** Settings of fraud beside the kit's. */
export const fraudConfig = z.object({
  /** a name of `RULE_SETS`, or a JSON file with what differs from the rules of this version */
  FRAUD_RULES: z.string().min(1).default('current'),
});

export type FraudConfig = z.infer<typeof fraudConfig>;
