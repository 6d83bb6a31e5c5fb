/** Events of one stream: a payment has a handful, and each append reads its last. */
const eventsPerStream = 5;

/**
 * Writers that each write one row after the other until the time is over.
 * Resolves with the latencies in milliseconds and the rate.
 */
export async function measure({ side, writers, seconds, prefix }) {
  const latencies = [];
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let row = 0; performance.now() < endsAt; row++) {
        const begin = performance.now();
        await side.write(`payment-${prefix}-${writer}-${Math.floor(row / eventsPerStream)}`);
        latencies.push(performance.now() - begin);
      }
    }),
  );
  const took = (performance.now() - startedAt) / 1_000;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  return { rows: latencies.length, perSecond: latencies.length / took, p50Ms: at(0.5), p99Ms: at(0.99) };
}

/** The middle value. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
