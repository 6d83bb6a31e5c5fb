const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** The hash by which Java's producer chooses a key's partition, in 32-bit arithmetic: kafkajs' own makes five 64-bit objects for every four bytes. */
export function murmur2(key: Buffer | string): number {
  const bytes = typeof key === 'string' ? Buffer.from(key) : key;
  const whole = bytes.length - (bytes.length % 4);
  let hash = SEED ^ bytes.length;
  for (let at = 0; at < whole; at += 4) {
    let four = Math.imul(bytes.readInt32LE(at), MULTIPLIER);
    four = Math.imul(four ^ (four >>> 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ four;
  }
  if (whole < bytes.length) {
    for (let at = bytes.length - 1; at >= whole; at -= 1) hash ^= bytes[at]! << (8 * (at - whole));
    hash = Math.imul(hash, MULTIPLIER);
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}
