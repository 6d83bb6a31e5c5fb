import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';

const HOUR_MS = 3_600_000;

/** Settings of egress beside the kit's. */
export const egressConfig = z.object({
  /** a restricted key of Stripe; without it everything goes to the sandbox */
  STRIPE_API_KEY: secret(z.string().min(8)).optional(),
  /** a restricted key that may only read, for fetching context; without it the other one reads, too */
  STRIPE_READ_KEY: secret(z.string().min(8)).optional(),
  /** where Stripe is: the sandbox's loopback address, used only while no key is set */
  STRIPE_HOST: z.url().default('http://127.0.0.1:18090'),
  STRIPE_CALLS_PER_SECOND: z.coerce.number().positive().optional(),
  /** how long a repeated key gives the first outcome: Stripe keeps keys 24 h; 0 for a provider that keeps none */
  STRIPE_KEY_WINDOW_MS: z.coerce
    .number()
    .int()
    .min(0)
    .default(23 * HOUR_MS),
  STRIPE_CALL_MS_MAX: z.coerce.number().int().positive().default(10_000),
  /** time for reading a payment's context; fraud decides without it after 800 ms */
  CONTEXT_MS_MAX: z.coerce.number().int().positive().max(800).default(700),
  EFFECTS_CONCURRENCY: z.coerce.number().int().min(1).max(500).default(32),
  EFFECT_ATTEMPTS_MAX: z.coerce.number().int().min(1).max(10).default(4),
  EFFECT_GIVE_UP_MS: z.coerce.number().int().positive().default(60_000),
  EFFECT_BACKOFF_MS: z.coerce.number().int().positive().default(500),
});

export type EgressConfig = z.infer<typeof egressConfig>;
