import { z } from 'zod';
import { unknownPayment, type Payment } from './payment.js';

/** What a test may say about a payment; everything is optional. */
export const seedSchema = z.strictObject({
  status: z.enum(['requires_capture', 'succeeded', 'canceled']).default('requires_capture'),
  amount: z.number().int().min(0).default(1_000),
  currency: z.string().length(3).toLowerCase().default('usd'),
  chargeId: z.string().optional(),
  /** `ip`, `device_id`, `terminal`, `merchant` and whatever else a shop would write */
  metadata: z.record(z.string(), z.string()).default({}),
  customerId: z.string().nullable().default(null),
  /** seconds since the epoch */
  customerCreated: z.number().int().nullable().default(null),
  cardCountry: z.string().nullable().default(null),
  cardFingerprint: z.string().nullable().default(null),
  riskLevel: z.string().nullable().default(null),
  reviewOpen: z.boolean().default(false),
  reviewIp: z.string().nullable().default(null),
});

/** The payment that a seed describes. */
export function seededPayment(id: string, seed: z.infer<typeof seedSchema>): Payment {
  const { chargeId, ...rest } = seed;
  const payment = { ...unknownPayment(id, seed.amount, seed.status), ...rest };
  return chargeId === undefined ? payment : { ...payment, chargeId };
}
