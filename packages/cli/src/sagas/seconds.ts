const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const;

/** A span for people: `0.2 s`, `45.0 s`, `12 m`, `3 h`, `2 d`; milliseconds in. */
export function seconds(ms: number): string {
  const [unit, size] = UNITS.find(([, one]) => ms >= 2 * one) ?? [];
  if (unit !== undefined && size !== undefined) return `${Math.floor(ms / size)} ${unit}`;
  return `${(ms / 1_000).toFixed(1)} s`;
}
