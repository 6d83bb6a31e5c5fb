/** One measurement as a line. */
export function lineOf(
  side,
  { perSecond, p50Ms, p99Ms, maxMs, backlog, missing, held, answers, achievedPerSecond },
  note,
) {
  const latencies = `p50 ${ms(p50Ms)}  p99 ${ms(p99Ms)}  max ${ms(maxMs)}`;
  const others = Object.entries(answers).filter(([status]) => status !== '202');
  const trouble = [
    held ? '' : `NOT HELD (${achievedPerSecond}/s sent, ${backlog} behind)`,
    missing > 0 ? `${missing} without an outcome` : '',
    ...others.map(([status, count]) => `${count} × ${status}`),
  ].filter(Boolean);
  return `${side.padEnd(8)} ${String(perSecond).padStart(5)}/s  ${latencies}  ${[note, ...trouble].filter(Boolean).join(', ')}`.trimEnd();
}

/** What each process took, as a line. */
export function cpuLineOf({ microsPerDelivery, machineBusy }) {
  const parts = Object.entries(microsPerDelivery).map(([name, micros]) => `${name} ${micros}`);
  return `CPU µs per delivery: ${parts.join(', ')}; machine ${Math.round(machineBusy * 100)} % busy`;
}

/** Effects as a line. */
export function effectLineOf(what, { perSecond, sent, effects, effectsPerSec, p50Ms, p99Ms }) {
  return `${what} at ${perSecond}/s: ${effects} of ${sent} payments acted on, ${effectsPerSec} effects/s, webhook → effect p50 ${ms(p50Ms)} p99 ${ms(p99Ms)}`;
}

/** What the BENCH line says. Latencies at the lowest rate are medians over the rounds. */
export function summaryOf({ measurements, ramps, effects, context, outcomes }) {
  const of = (side, rate, field) =>
    round(median(measurements.filter((m) => m.side === side && m.perSecond === rate).map((m) => m[field])));
  const [bareP50Ms, p50Ms] = [of('bare', 50, 'p50Ms'), of('towpath', 50, 'p50Ms')];
  const best = effects.toSorted((a, b) => b.effectsPerSec - a.effectsPerSec)[0];
  return {
    name: 'path',
    ...{ bareP50Ms, p50Ms, p99Ms: of('towpath', 500, 'p99Ms'), ratio: ratioOf(p50Ms, bareP50Ms) },
    ...{ barePerSec: ramps.bare?.perSec ?? null, perSec: ramps.towpath?.perSec ?? null },
    ...{ bareP99At50Ms: of('bare', 50, 'p99Ms'), p99At50Ms: of('towpath', 50, 'p99Ms') },
    ...{ bareP50At500Ms: of('bare', 500, 'p50Ms'), bareP99At500Ms: of('bare', 500, 'p99Ms') },
    p50At500Ms: of('towpath', 500, 'p50Ms'),
    ...{ bareP50At1000Ms: of('bare', 1000, 'p50Ms'), bareP99At1000Ms: of('bare', 1000, 'p99Ms') },
    ...{ p50At1000Ms: of('towpath', 1000, 'p50Ms'), p99At1000Ms: of('towpath', 1000, 'p99Ms') },
    ...{ effectsPerSec: best?.effectsPerSec ?? null, contextP99Ms: context ? round(context.p99Ms) : null },
    outcomes,
  };
}

/** The middle value; NaN of none. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function ratioOf(a, b) {
  return a === null || b === null ? null : Math.round((a / b) * 100) / 100;
}

/** JSON has no NaN and no Infinity. */
function round(value) {
  return Number.isFinite(value) ? Math.round(value * 10) / 10 : null;
}

function ms(value) {
  return `${value.toFixed(1).padStart(6)} ms`;
}
