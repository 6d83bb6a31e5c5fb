import { z } from 'zod';

/** Settings of the sandbox, from the environment. */
export const sandboxConfig = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(18_090),
  HOST: z.string().default('127.0.0.1'),
  /** where the mail sink listens; without it there is none */
  SMTP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** `whsec_…` by which the receiver of webhooks checks signatures; without it it takes any */
  SANDBOX_HOOK_SECRET: z.string().startsWith('whsec_').optional(),
  TOWPATH_HOME: z.string().default('.towpath'),
  /** where ingress takes Stripe's deliveries; without it, and the secret of that source, the sandbox sends none */
  SANDBOX_WEBHOOK_URL: z.url().optional(),
  SANDBOX_WEBHOOK_SECRET: z.string().min(16).optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export type SandboxConfig = z.infer<typeof sandboxConfig>;
