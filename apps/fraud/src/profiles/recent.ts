/**
 * Recent payments as one flat array of numbers, `stride` per payment: `[seconds, tag, …, seconds, tag, …]`, in order of
 * charge time and, within a second, of arrival. Flat because four such rows are read and written for each payment.
 */
export type Recent = readonly number[];

/** Adds an entry at its place in time; the oldest entries beyond `entriesMax` go. */
export function insertRecent(recent: Recent, entry: readonly number[], entriesMax: number): number[] {
  const stride = entry.length;
  let at = recent.length;
  while (at > 0 && recent[at - stride]! > entry[0]!) at -= stride;
  const next = [...recent.slice(0, at), ...entry, ...recent.slice(at)];
  return next.length > stride * entriesMax ? next.slice(next.length - stride * entriesMax) : next;
}

/** True when an entry with this tag is there. */
export function hasTag(recent: Recent, stride: number, tag: number): boolean {
  for (let at = 1; at < recent.length; at += stride) if (recent[at] === tag) return true;
  return false;
}

/**
 * Index of the first number that is not earlier than the payment. Its own entry, which is there when it is decided after
 * its case was opened, and everything later than it do not count: a decision that had to wait sees what it would have
 * seen at once.
 */
export function endOfEarlier(recent: Recent, stride: number, seconds: number, tag: number): number {
  let end = recent.length;
  while (end > 0 && recent[end - stride]! > seconds) end -= stride;
  for (let at = end - stride; at >= 0 && recent[at] === seconds; at -= stride) {
    if (recent[at + 1] === tag) return at;
  }
  return end;
}

/** How many payments before `end` lie within the window that ends at `seconds`. */
export function countWithin(
  recent: Recent,
  stride: number,
  end: number,
  seconds: number,
  windowSeconds: number,
): number {
  let count = 0;
  for (let at = end - stride; at >= 0 && recent[at]! > seconds - windowSeconds; at -= stride) count += 1;
  return count;
}
