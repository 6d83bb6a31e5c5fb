import { setTimeout as delay } from 'node:timers/promises';

const DRAIN_MS_MAX = 20_000;

/** One rate for some seconds: latencies from a body's last byte to its outcome being fetched, and whether it kept up. */
export async function measure({ load, arrivals, perSecond, seconds }) {
  load.sentAt.clear();
  load.answers.clear();
  arrivals.arrivedAt.clear();
  const { sent, seconds: took } = await load.run({ perSecond, seconds });
  const backlog = load.sentAt.size - arrivals.arrivedAt.size;
  const deadline = performance.now() + DRAIN_MS_MAX;
  while (arrivals.arrivedAt.size < load.sentAt.size && performance.now() < deadline) await delay(20);
  const all = [...load.sentAt].map(([id, at]) => ({ at, ms: (arrivals.arrivedAt.get(id) ?? Infinity) - at })).sort((a, b) => a.at - b.at);
  const latencies = all.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? NaN;
  const median = (values) => values.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
  const third = Math.floor(all.length / 3);
  return {
    perSecond,
    sent,
    achievedPerSecond: Math.round(sent / took),
    missing: latencies.filter((ms) => ms === Infinity).length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    backlog,
    // Lag grows when the last third waits much longer than the second, or much is left when sending ends.
    held: sent / took >= perSecond * 0.97 && backlog < perSecond && median(all.slice(-third)) < 1.5 * median(all.slice(third, 2 * third)) + 50,
    answers: Object.fromEntries(load.answers),
  };
}
