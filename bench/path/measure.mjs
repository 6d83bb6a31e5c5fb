import { setTimeout as delay } from 'node:timers/promises';
import { ProcessorTime } from './processor-time.mjs';

const DRAIN_MS_MAX = 20_000;

/**
 * One rate for some seconds: latencies from a body's last byte to its outcome being fetched, whether it kept up, and what
 * each process took of the processors meanwhile.
 */
export async function measure({ side, load, arrivals, perSecond, seconds }) {
  const waiting = new Map();
  const done = [];
  arrivals.onArrival = (paymentId, at) => {
    const sentAt = waiting.get(paymentId);
    if (sentAt === undefined) return;
    waiting.delete(paymentId);
    done.push({ sentAt, ms: at - sentAt });
  };
  const processorTime = new ProcessorTime(side.pids());
  const run = await load.run({ perSecond, seconds, onSent: (paymentId, at) => waiting.set(paymentId, at) });
  const backlog = waiting.size;
  const deadline = performance.now() + DRAIN_MS_MAX;
  while (waiting.size > 0 && performance.now() < deadline) await delay(20);
  const used = processorTime.perDelivery(run.sent);
  arrivals.onArrival = () => undefined;
  const missing = [...waiting.values()].map((sentAt) => ({ sentAt, ms: Infinity }));
  return { ...latenciesOf([...done, ...missing], { perSecond, backlog, run }), ...used };
}

function latenciesOf(all, { perSecond, backlog, run }) {
  all.sort((a, b) => a.sentAt - b.sentAt);
  const third = Math.floor(all.length / 3);
  const middle = percentile(all.slice(third, 2 * third), 0.5);
  const end = percentile(all.slice(-third), 0.5);
  const achieved = run.sent / run.seconds;
  return {
    perSecond,
    sent: run.sent,
    achievedPerSecond: Math.round(achieved),
    p50Ms: percentile(all, 0.5),
    p99Ms: percentile(all, 0.99),
    maxMs: percentile(all, 1),
    backlog,
    missing: all.filter(({ ms }) => ms === Infinity).length,
    // Lag grows when the last third waits much longer than the one before, or much is left when sending ends.
    held: achieved >= perSecond * 0.97 && backlog < perSecond / 2 && end < 1.5 * middle + 50 && end < 1_000,
    answers: run.answers,
  };
}

function percentile(all, share) {
  const sorted = all.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}
