import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FOUR_EYES_DEFAULT, FOUR_EYES_FORM } from './reviews/four-eyes.js';
import { tracingConfig } from './tracing/tracing-config.js';

/** Marks a setting whose value must never be printed; it may also come from the file that `<NAME>_FILE` names. */
export const secret = <T extends z.ZodType>(schema: T): T => schema.meta({ secret: true });

/** Settings that every service has. Addresses come from the environment only, so the same code runs on any stack. */
export const baseConfig = z.object({
  KAFKA_BROKERS: z.string().default('127.0.0.1:19092'),
  REGISTRY_URL: z.url().default('http://127.0.0.1:18081/apis/ccompat/v7'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  SHUTDOWN_MS_MAX: z.coerce.number().int().positive().default(10_000),
  ...tracingConfig.shape,
});

/** Settings of a service with an event store. */
export const storeConfig = z.object({
  DATABASE_URL: secret(z.string().startsWith('postgres')),
  VAULT_URL: secret(z.string().startsWith('postgres')).optional(),
  /** the consumer groups that this process runs, by name and separated by commas; default: all */
  CONSUMERS: z.string().min(1).optional(),
  DATABASE_POOL_MAX: z.coerce.number().int().min(2).max(50).default(4),
  /** the key that the service's agents sign with, a JWK; read again when the file changes */
  AGENT_KEY_FILE: z.string().min(1).optional(),
  /** the public keys of all services' agents, a JWK set; read again when the file changes */
  AGENT_PUBLIC_KEYS_FILE: z.string().min(1).optional(),
  /** the part of SPIFFE ids that says whose they are */
  TRUST_DOMAIN: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,254}$/)
    .default('towpath.local'),
  /** between two comparisons of the projections with a replay of their events; 0 = none */
  PROJECTION_AUDIT_HOURS: z.coerce.number().min(0).max(596).default(24),
  /** above how much money, in minor units by currency, two different people have to agree to what a review proposes */
  FOUR_EYES_ABOVE: z
    .string()
    .regex(FOUR_EYES_FORM, 'write usd=500000,jpy=50000000,*=1000000')
    .default(FOUR_EYES_DEFAULT),
});

/** Thrown with every problem at once: `CONFIG_INVALID`. */
export class ConfigInvalid extends Error {
  readonly code = 'CONFIG_INVALID';

  constructor(readonly problems: readonly string[]) {
    super(`CONFIG_INVALID: ${problems.length} setting(s) to mend:\n${problems.map((p) => `  - ${p}`).join('\n')}`);
    this.name = 'ConfigInvalid';
  }
}

/**
 * Reads the settings that `schema` names from `env`; for each NAME also from the file in NAME_FILE, whose trailing
 * newline is dropped. Empty strings count as unset. Throws ConfigInvalid, which never shows a value.
 */
export function loadConfig<T extends z.ZodObject>(schema: T, env: NodeJS.ProcessEnv): z.output<T> {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = valueOf(name, env, problems);
    if (value !== undefined) values[name] = value;
  }
  const result = schema.safeParse(values);
  for (const issue of result.error?.issues ?? []) problems.push(`${issue.path.join('.')}: ${issue.message}`);
  if (!result.success || problems.length > 0) throw new ConfigInvalid(problems);
  return result.data;
}

function valueOf(name: string, env: NodeJS.ProcessEnv, problems: string[]): string | undefined {
  const file = env[`${name}_FILE`];
  if (env[name] && file) problems.push(`${name}: set it or ${name}_FILE, not both`);
  if (!file) return env[name] || undefined;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch (error) {
    problems.push(`${name}_FILE: can't read ${file} (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
    return undefined;
  }
}

/** The settings as they may be printed: secrets are `[redacted]`, and so is the password of any URL. */
export function redacted(schema: z.ZodObject, config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const field = schema.shape[name] as z.ZodType | undefined;
      if (field !== undefined && isSecret(field)) return [name, '[redacted]'];
      return [name, typeof value === 'string' ? value.replace(/(:\/\/[^:/@]*):[^@]*@/, '$1:[redacted]@') : value];
    }),
  );
}

function isSecret(field: z.ZodType): boolean {
  if (field.meta()?.['secret'] === true) return true;
  const inner = (field as { unwrap?: () => z.ZodType }).unwrap?.();
  return inner !== undefined && isSecret(inner);
}
