/**
 * True when somebody born on `dateOfBirth` (YYYY-MM-DD) had completed `years` years on the day of `at` (milliseconds since the epoch,
 * UTC). False for what is no date: who can't show their age is not of age.
 */
export function isOfAge(dateOfBirth: string, at: number, years: number): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(dateOfBirth);
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const born = new Date(Date.UTC(year, month - 1, day));
  if (born.getUTCMonth() !== month - 1 || born.getUTCDate() !== day) return false;
  // Born on 29 February, one comes of age on 1 March of a year without that day.
  return Date.UTC(year + years, month - 1, day) <= at;
}
