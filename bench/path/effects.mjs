import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readEffects } from '@towpath/sandbox/effects-log';
import { ACTIVE_CUSTOMERS, buyerOf, deliveryBody } from './delivery.mjs';

const DRAIN_MS_MAX = 20_000;
const POLL_MS = 250;

/**
 * Webhook → effect, as the sandbox's own log saw it: effects per second and latency at one rate. The log's times are wall
 * clock of the same machine, in milliseconds.
 */
export async function measureEffects({ load, logFile, perSecond, seconds }) {
  const sentAt = new Map();
  const origin = performance.timeOrigin;
  const { sent, answers } = await load.run({ perSecond, seconds, onSent: (id, at) => sentAt.set(id, origin + at) });
  const deadline = performance.now() + DRAIN_MS_MAX;
  let acted = actedOf(logFile, sentAt);
  while (acted.size < sentAt.size && performance.now() < deadline) {
    await delay(POLL_MS);
    const now = actedOf(logFile, sentAt);
    if (now.size === acted.size && performance.now() > deadline - DRAIN_MS_MAX / 2) break;
    acted = now;
  }
  const times = [...acted.values()];
  const latencies = [...acted].map(([id, at]) => at - sentAt.get(id)).sort((a, b) => a - b);
  const span = (Math.max(...times) - Math.min(...times)) / 1000;
  const at = (share) => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? NaN;
  return {
    perSecond,
    sent,
    effects: times.length,
    effectsPerSec: Math.round(times.length / span),
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    answers,
  };
}

/** First effect per payment of this run. */
function actedOf(logFile, sentAt) {
  const acted = new Map();
  for (const { outcome, subject, time } of readEffects(logFile)) {
    if (outcome === 'acted' && sentAt.has(subject) && !acted.has(subject)) acted.set(subject, Date.parse(time));
  }
  return acted;
}

/** Tells the sandbox what the next `count` payments would show who asks, and how long its answers take. */
export async function prepareSandbox({ url, load, count, latencyMs }) {
  const seeds = load.upcoming(count).map((n) => {
    const buyer = buyerOf((n * 7919) % ACTIVE_CUSTOMERS);
    const { paymentId, amount } = deliveryBody(n);
    return {
      ...{ id: paymentId, amount, currency: 'eur', customerId: buyer.customer, customerCreated: 1_600_000_000 },
      ...{ cardCountry: buyer.country, cardFingerprint: buyer.fingerprint, riskLevel: 'normal' },
      metadata: { ip: buyer.ip, device_id: buyer.device, terminal: buyer.terminal },
    };
  });
  await put(`${url}/sandbox/payments`, seeds);
  await put(`${url}/sandbox/behaviour`, { latencyMs });
}

async function put(url, body) {
  const answer = await fetch(url, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(15_000),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
}

/** Where the sandbox of a home writes its effects. */
export function effectsLogOf(home) {
  return join(home, 'sandbox', 'effects.jsonl');
}
