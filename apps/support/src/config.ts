import { z } from 'zod';

/** Settings of support beside the kit's. */
export const supportConfig = z.object({
  /** the team's macros; without it the shipped ones */
  SUPPORT_MACROS_FILE: z.string().min(1).optional(),
  /** intents whose replies may go out without a person, separated by commas; `none` for no intent */
  SUPPORT_AUTO_SEND_INTENTS: z
    .string()
    .default('order_status,delivery_delay,contact_hours,password_reset,refund_status,invoice_copy'),
  /** how sure triage has to be of the intent, 0 to 1 */
  SUPPORT_AUTO_SEND_CONFIDENCE: z.coerce.number().min(0).max(1).default(0.8),
});
export type SupportConfig = z.output<typeof supportConfig>;
