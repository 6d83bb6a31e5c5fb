const STEP = 500;
const RATE_MAX = 8_000;
const PROBE_SECONDS = 8;
const PAUSE_MS = 1_500;
const CONFIRMATIONS_MAX = 3;

/**
 * The highest rate that is held for `seconds` without growing lag: short probes upwards to the first that isn't held, one
 * half-way, then the long run; when that fails, a tenth less.
 */
export async function highestRate({ from, seconds, measureAt, report }) {
  const attempts = [];
  const attempt = async (perSecond, length) => {
    const result = await measureAt(perSecond, length);
    attempts.push(result);
    report(result);
    // What was left over must not weigh on the next attempt.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return result.held && result.missing === 0;
  };
  let low = 0;
  let high = from;
  while (high <= RATE_MAX && (await attempt(high, PROBE_SECONDS))) {
    low = high;
    high += STEP;
  }
  let candidate = low === 0 ? from / 2 : (await attempt(low + STEP / 2, PROBE_SECONDS)) ? low + STEP / 2 : low;
  for (let tries = 0; tries < CONFIRMATIONS_MAX; tries += 1) {
    if (await attempt(candidate, seconds)) return { perSec: candidate, attempts };
    candidate = Math.round((candidate * 0.9) / 10) * 10;
  }
  return { perSec: 0, attempts };
}
