import { z } from 'zod';

const channel = z.string().min(1).max(80);

/** Settings of growth beside the kit's. */
export const growthConfig = z.object({
  /** where sales hears of sign-ups, and of leads that nobody has */
  GROWTH_SALES_CHANNEL: channel.default('#sales'),
  /** where people hear of onboardings that do not get on */
  GROWTH_ONBOARDING_CHANNEL: channel.default('#onboarding'),
  /** how long an onboarding may take */
  GROWTH_ONBOARDING_MS_MAX: z.coerce.number().int().min(100).default(900_000),
  /** the team of sales; without it the shipped one */
  GROWTH_REPS_FILE: z.string().min(1).optional(),
  /** what may be written to leads; without it the shipped library */
  GROWTH_CONTENT_FILE: z.string().min(1).optional(),
  /** how the company signs its mails */
  GROWTH_SIGNED_BY: z.string().trim().min(1).max(80).default('Your Towpath team'),
});
export type GrowthConfig = z.output<typeof growthConfig>;
