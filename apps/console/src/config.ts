import { z } from 'zod';

/** Settings of the console beside the kit's. */
export const consoleConfig = z.object({
  /** where deliveries of the source `operator` are posted */
  INGRESS_URL: z.url().default('http://127.0.0.1:18080'),
  /** tokens as `towpath token create` keeps them */
  TOKENS_FILE: z.string().default('.towpath/config/tokens.yaml'),
  /** for so long a decision is held and can be undone; with what follows it has to fit into the 5 minutes that a signature is taken for */
  UNDO_SECONDS: z.coerce.number().int().min(0).max(180).default(10),
  /** by when somebody should decide what says nothing of it */
  SLA_MINUTES: z.coerce.number().int().min(1).max(43_200).default(60),
  /** so long the owner has to answer a decision before people are told */
  ANSWER_SECONDS: z.coerce.number().int().min(5).max(3_600).default(60),
  /** people who follow `/events` at once */
  STREAMS_MAX: z.coerce.number().int().min(1).max(1_000).default(64),
});

export type ConsoleConfig = z.infer<typeof consoleConfig> & {
  readonly FOUR_EYES_ABOVE?: string;
};
