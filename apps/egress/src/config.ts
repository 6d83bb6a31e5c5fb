import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { adapters } from './adapters.js';
import { creditSettings } from './adapters/credit-bureau/credit-settings.js';
import { stripeSettings } from './adapters/stripe/stripe.adapter.js';

const NAMES = adapters.map(({ provider }) => provider);

const ownSettings = z.object({
  /** shared with ingress: signs the story that effects leave at the provider, so that what it reports of them continues the story */
  STORY_KEY: secret(z.string().min(16)).optional(),
  /** where the sandbox's counterparts are, for providers without an address of their own */
  SANDBOX_URL: z.url().default('http://127.0.0.1:18090'),
  /** `true`, or names of providers: nothing is sent to them, the ledger keeps what would have been */
  EGRESS_DRY_RUN: z
    .string()
    .default('false')
    .transform((text) => (text === 'true' ? NAMES : text === 'false' ? [] : text.split(',').map((name) => name.trim())))
    .refine((names) => names.every((name) => NAMES.includes(name)), {
      message: `true, false, or some of ${NAMES.join(', ')}`,
    }),
});

const ofAdapters = Object.assign({}, ...adapters.map(({ settings }) => settings.shape)) as z.ZodRawShape;

/** Settings of egress beside the kit's: its own, and those of every adapter. */
export const egressConfig = z.object({
  ...ofAdapters,
  ...stripeSettings.shape,
  ...creditSettings.shape,
  ...ownSettings.shape,
});

export type EgressConfig = z.output<typeof ownSettings> &
  z.output<typeof stripeSettings> &
  z.output<typeof creditSettings>;
