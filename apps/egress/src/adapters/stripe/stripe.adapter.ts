import { PauseSubscription } from '@towpath/contracts/billing/PauseSubscription.v1';
import { ResumeSubscription } from '@towpath/contracts/billing/ResumeSubscription.v1';
import { RetryInvoice } from '@towpath/contracts/billing/RetryInvoice.v1';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { ChargeCard } from '@towpath/contracts/payments/ChargeCard.v1';
import { HoldPayouts } from '@towpath/contracts/payments/HoldPayouts.v1';
import { RefundCharge } from '@towpath/contracts/payments/RefundCharge.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { ReleasePayouts } from '@towpath/contracts/payments/ReleasePayouts.v1';
import { secret } from '@towpath/service-kit/config';
import { z } from 'zod';
import { STRIPE } from '../../actions.js';
import { defineAdapter, defineTool } from '../../adapter.js';
import { stripeEffects } from './stripe-clients.js';
import { StripeProvider } from './stripe-provider.js';

const HOUR_MS = 3_600_000;

export const stripeSettings = z.object({
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
  /** how long after a call Stripe may still act on it, though nobody waits any more */
  STRIPE_LATE_MS: z.coerce.number().int().min(0).default(15_000),
  STRIPE_CALL_MS_MAX: z.coerce.number().int().positive().default(10_000),
  STRIPE_BREAKER_FAILURES: z.coerce.number().int().positive().default(10),
  STRIPE_BREAKER_OPEN_MS: z.coerce.number().int().positive().default(2_000),
  /** time for reading a payment's context; fraud decides without it after 800 ms */
  CONTEXT_MS_MAX: z.coerce.number().int().positive().max(800).default(700),
  /** calls of money effects at a time */
  EFFECTS_CONCURRENCY: z.coerce.number().int().min(1).max(500).default(32),
  EFFECT_ATTEMPTS_MAX: z.coerce.number().int().min(1).max(10).default(4),
  EFFECT_GIVE_UP_MS: z.coerce.number().int().positive().default(60_000),
  EFFECT_BACKOFF_MS: z.coerce.number().int().positive().default(500),
});

export type StripeSettings = z.output<typeof stripeSettings>;

const payment = {
  subjectType: 'payment',
  target: (data: { paymentId: string; accountId: string }) => ({
    subjectId: data.paymentId,
    accountId: data.accountId,
  }),
};
const account = {
  subjectType: 'account',
  target: (data: { connectedAccountId: string; accountId: string }) => ({
    subjectId: data.connectedAccountId,
    accountId: data.accountId,
  }),
};

const charge = {
  subjectType: 'payment',
  target: (data: { chargeRef: string; accountId: string }) => ({
    subjectId: data.chargeRef,
    accountId: data.accountId,
  }),
};
const subscription = {
  subjectType: 'subscription',
  target: (data: { subscriptionId: string; accountId: string }) => ({
    subjectId: data.subscriptionId,
    accountId: data.accountId,
  }),
};

/** Stripe: payments, charges, refunds, payouts, subscriptions, invoices. It keeps idempotency keys; see its probes for what happens after they are gone. */
export const stripe = defineAdapter({
  provider: STRIPE,
  settings: stripeSettings,
  tools: [
    defineTool({ command: CapturePayment, ...payment }),
    defineTool({ command: CancelPayment, ...payment }),
    defineTool({ command: RefundPayment, ...payment }),
    defineTool({ command: HoldPayouts, ...account }),
    defineTool({ command: ReleasePayouts, ...account }),
    defineTool({ command: ChargeCard, ...charge }),
    defineTool({ command: RefundCharge, ...charge }),
    defineTool({ command: PauseSubscription, ...subscription }),
    defineTool({ command: ResumeSubscription, ...subscription }),
    defineTool({
      command: RetryInvoice,
      subjectType: 'invoice',
      target: ({ invoiceId, accountId }) => ({ subjectId: invoiceId, accountId }),
    }),
  ],
  open: (settings, around) => new StripeProvider(stripeEffects(settings, around), settings, around),
});
