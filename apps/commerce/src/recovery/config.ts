import { z } from 'zod';

export const recoveryConfig = z.object({
  /** page on which a customer pays a declined payment or changes their card; its id is appended. It marks the new payment with metadata `recovers_payment` */
  COMMERCE_PAY_URL: z.url().default('https://pay.towpath.example/payments'),
  /** chat channel of the people who look after what could not be collected */
  COMMERCE_BILLING_CHANNEL: z.string().min(1).default('#billing'),
});

export type RecoveryConfig = z.output<typeof recoveryConfig>;
