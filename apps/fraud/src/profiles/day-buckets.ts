/** Sums per day as one flat array: `[day, sum, sum, …, day, sum, …]`, oldest day first; `stride` numbers per day. */
export type DayBuckets = readonly number[];

/** Adds to the sums of a day. Days more than `daysMax` before the newest one go; older additions are dropped. */
export function addToDay(buckets: DayBuckets, day: number, sums: readonly number[], daysMax: number): DayBuckets {
  const stride = sums.length + 1;
  const newest = Math.max(day, buckets.at(-stride) ?? day);
  const oldest = newest - daysMax + 1;
  if (day < oldest) return buckets;
  let start = 0;
  while (start < buckets.length && buckets[start]! < oldest) start += stride;
  let at = buckets.length;
  while (at > start && buckets[at - stride]! > day) at -= stride;
  const next = buckets.slice(start);
  const place = at - start;
  if (place > 0 && next[place - stride] === day) {
    for (let index = 0; index < sums.length; index += 1) next[place - stride + 1 + index]! += sums[index]!;
    return next;
  }
  next.splice(place, 0, day, ...sums);
  return next;
}

/** The sums over the days `from`..`to`, both included. */
export function sumOfDays(buckets: DayBuckets, stride: number, from: number, to: number): number[] {
  const sums = new Array<number>(stride - 1).fill(0);
  for (let at = buckets.length - stride; at >= 0; at -= stride) {
    const day = buckets[at]!;
    if (day < from) break;
    if (day > to) continue;
    for (let index = 1; index < stride; index += 1) sums[index - 1]! += buckets[at + index]!;
  }
  return sums;
}
