import type { Admin } from 'kafkajs';

/** By partition, the offset of the first record that is younger than an age; the end when there is none. */
export type OffsetAtAge = (ageMs: number) => Promise<ReadonlyMap<number, bigint>>;

const FIRST_MS = 1_000;
/** More than two years: older than any finite topic keeps. */
const DOUBLINGS_MAX = 26;
const HALVINGS = 4;

/** Asks the broker, once for each age: reading the records themselves would need a group. */
export function offsetAtAge(admin: Admin, topic: string, now = Date.now()): OffsetAtAge {
  const asked = new Map<number, Promise<ReadonlyMap<number, bigint>>>();
  return (ageMs) => {
    const known = asked.get(ageMs);
    if (known) return known;
    const answer = admin
      .fetchTopicOffsetsByTimestamp(topic, now - ageMs)
      .then((offsets) => new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)])));
    asked.set(ageMs, answer);
    return answer;
  };
}

/**
 * How old the record at `offset` is, in seconds, at most 6 % too much: the lag in seconds when it is the first unread one. The age is doubled from
 * 1 s until a record of that age lies before it, then halved in between. 1 s stands for less.
 */
export async function ageSeconds(at: OffsetAtAge, partition: number, offset: bigint): Promise<number> {
  const isOlderThan = async (ageMs: number): Promise<boolean> => {
    const first = (await at(ageMs)).get(partition);
    return first === undefined || first > offset;
  };
  let high = FIRST_MS;
  for (let doubling = 0; doubling < DOUBLINGS_MAX && (await isOlderThan(high)); doubling += 1) high *= 2;
  if (high === FIRST_MS) return 1;
  let low = high / 2;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (await isOlderThan(middle)) low = middle;
    else high = middle;
  }
  return Math.round(high / 1_000);
}
