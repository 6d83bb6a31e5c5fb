import { z } from 'zod';

/** Settings of the sandbox, from the environment. */
export const sandboxConfig = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(18_090),
  HOST: z.string().default('127.0.0.1'),
  TOWPATH_HOME: z.string().default('.towpath'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

export type SandboxConfig = z.infer<typeof sandboxConfig>;
