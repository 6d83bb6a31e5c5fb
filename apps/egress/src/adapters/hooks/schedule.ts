import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** As published; see docs/how-to/providers.md. */
export const PUBLISHED_SCHEDULE = '0s 5s 5m 30m 2h 5h 10h';

/** Pauses before the first and each further call, such as `0s 5s 5m`, in milliseconds. */
export const scheduleSetting = z
  .string()
  .regex(/^\d{1,4}(ms|s|m|h)( \d{1,4}(ms|s|m|h)){0,19}$/, 'write pauses such as 0s 5s 5m 2h')
  .transform((text) => text.split(' ').map(pauseOf));

function pauseOf(text: string): number {
  const [, count, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  return Number(count) * (UNITS[unit ?? ''] ?? 1);
}
