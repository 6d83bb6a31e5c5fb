import { OutboundClient } from '@towpath/outbound/outbound-client';
import { z } from 'zod';
import type { Surroundings } from './adapter.js';
import type { RetryPolicy } from './provider.js';

const number = (fallback: number, max = Number.MAX_SAFE_INTEGER) =>
  z.coerce.number().int().positive().max(max).default(fallback);

/** What every provider over HTTP has beside its own settings; each `<NAME>_…`. */
interface Limits {
  /** its address; by default the sandbox's counterpart. https, or http on loopback */
  readonly URL: z.ZodOptional<z.ZodURL>;
  readonly CALL_MS_MAX: z.ZodType<number>;
  readonly CALLS_PER_SECOND: z.ZodType<number | undefined>;
  /** calls at a time */
  readonly CONCURRENCY: z.ZodType<number>;
  readonly BREAKER_FAILURES: z.ZodType<number>;
  readonly BREAKER_OPEN_MS: z.ZodType<number>;
  /** how long after a call it may still act on it, though nobody waits any more */
  readonly LATE_MS: z.ZodType<number>;
  /** how long an effect is tried that the provider certainly did not act on */
  readonly GIVE_UP_MS: z.ZodType<number>;
}

type Named<N extends string> = { readonly [K in keyof Limits as `${N}_${K}`]: Limits[K] };

export interface LimitDefaults {
  /** path of the counterpart in the sandbox, such as `/zendesk` */
  readonly sandboxPath: string;
  readonly callsPerSecond: number;
  /** of the sandbox, which has no limit of its own; without it the same */
  readonly sandboxCallsPerSecond?: number;
  readonly lateMs?: number;
  readonly callMsMax?: number;
  readonly concurrency?: number;
}

/** The limits of one provider as they were set. */
export interface ProviderLimits {
  readonly url: string;
  /** false: it is the sandbox, and no credentials leave this machine */
  readonly live: boolean;
  readonly callMsMax: number;
  readonly callsPerSecond: number;
  readonly lateMs: number;
  readonly concurrency: number;
  readonly breakerFailures: number;
  readonly breakerOpenMs: number;
  readonly retry: RetryPolicy;
}

const rate = z.coerce.number().positive();

const LATE_MS = 15_000;
const ATTEMPTS_MAX = 4;
const BACKOFF_MS = 500;
const BACKOFF_MS_MAX = 60_000;
const RESPONSE_BYTES_MAX = 2_097_152;

/** The settings that bound the calls to provider `name`, and how they are read. */
export function providerLimits<const N extends Uppercase<string>>(name: N, defaults: LimitDefaults) {
  const shape = {
    [`${name}_URL`]: z.url().optional(),
    [`${name}_CALL_MS_MAX`]: number(defaults.callMsMax ?? 10_000, 120_000),
    [`${name}_CALLS_PER_SECOND`]:
      defaults.sandboxCallsPerSecond === undefined ? rate.default(defaults.callsPerSecond) : rate.optional(),
    [`${name}_LATE_MS`]: z.coerce
      .number()
      .int()
      .min(0)
      .default(defaults.lateMs ?? LATE_MS),
    [`${name}_CONCURRENCY`]: number(defaults.concurrency ?? 8, 500),
    [`${name}_BREAKER_FAILURES`]: number(10),
    [`${name}_BREAKER_OPEN_MS`]: number(5_000),
    [`${name}_GIVE_UP_MS`]: number(900_000),
  } as unknown as Named<N>;
  const of = (settings: object, { sandboxUrl }: Pick<Surroundings, 'sandboxUrl'>): ProviderLimits => {
    const read = (setting: keyof Limits) => (settings as Record<string, unknown>)[`${name}_${setting}`];
    const count = (setting: keyof Limits) => Number(read(setting));
    const perSecond = (isLive: boolean): number =>
      (isLive ? undefined : defaults.sandboxCallsPerSecond) ?? defaults.callsPerSecond;
    const url = (read('URL') as string | undefined) ?? sandboxUrl + defaults.sandboxPath;
    const isLive = new URL(url).protocol === 'https:';
    return {
      url: url.replace(/\/$/, ''),
      live: isLive,
      callMsMax: count('CALL_MS_MAX'),
      callsPerSecond: Number(read('CALLS_PER_SECOND') ?? perSecond(isLive)),
      lateMs: count('LATE_MS'),
      concurrency: count('CONCURRENCY'),
      breakerFailures: count('BREAKER_FAILURES'),
      breakerOpenMs: count('BREAKER_OPEN_MS'),
      retry: {
        attemptsMax: ATTEMPTS_MAX,
        giveUpMs: count('GIVE_UP_MS'),
        backoffBaseMs: BACKOFF_MS,
        backoffMsMax: BACKOFF_MS_MAX,
      },
    };
  };
  return { shape, of };
}

/** The one way to a provider over HTTP: its host alone by https, or the sandbox on loopback. */
export function outletOf(name: string, limits: ProviderLimits, around: Surroundings): OutboundClient {
  const { origin, hostname } = new URL(limits.url);
  return new OutboundClient({
    provider: name,
    hosts: limits.live ? [hostname] : [],
    loopbackOrigins: limits.live ? [] : [origin],
    timeoutMs: limits.callMsMax,
    connectionsMax: limits.concurrency,
    responseBytesMax: RESPONSE_BYTES_MAX,
    rateLimit: {
      perSecond: limits.callsPerSecond,
      burst: Math.max(1, Math.ceil(limits.callsPerSecond)),
      queueMax: 1_000,
    },
    breaker: { failures: limits.breakerFailures, openMs: limits.breakerOpenMs },
    dryRun: around.dryRun,
    onBreaker: (state, cause) => around.onBreaker(name, state, cause),
  });
}
