import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { providerLimits } from '../../provider-limits.js';

export const creditLimits = providerLimits('CREDIT', {
  sandboxPath: '/bureau',
  callsPerSecond: 5,
  callMsMax: 8_000,
  concurrency: 4,
});

export const creditSettings = z.object({
  /** https address of the bureau's JSON interface; see docs/how-to/providers.md */
  ...creditLimits.shape,
  CREDIT_TOKEN: secret(z.string().min(8)).optional(),
  /** so long an answer about an application is used again instead of asking the bureau */
  CREDIT_CACHE_HOURS: z.coerce
    .number()
    .min(0)
    .default(24 * 30),
});

export type CreditSettings = z.output<typeof creditSettings>;
