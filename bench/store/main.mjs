import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePorts } from '@towpath/stack/ports';
import { startStack, stopStack } from '@towpath/stack/stack';
import { BareSide } from './bare-side.mjs';
import { measure, median } from './measure.mjs';
import { planOf } from './plan.mjs';
import { StoreSide } from './store-side.mjs';

const repository = resolve(import.meta.dirname, '../..');
export { help, optionsOf } from './plan.mjs';

/** Runs the benchmark; resolves with the exit code. Ends whatever it started, also after a failure or Ctrl-C. */
export async function run(values) {
  const plan = planOf(values);
  const report = (line) => (plan.json ? console.error(line) : console.log(line));
  const home = join(repository, '.towpath', 'bench-store');
  const stop = () => stopStack(home, { removeData: true });
  await stop();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop().finally(() => process.exit(130)));
  const hardEnd = setTimeout(() => {
    console.error(`TIMEOUT: the benchmark takes longer than ${plan.minutesMax} minutes; ended.`);
    void stop().finally(() => process.exit(1));
  }, plan.minutesMax * 60_000);
  try {
    const stack = await startStack({ home, ports: await freePorts(), parts: ['postgres'], onProgress: report });
    const results = await measureBoth({ plan, report, adminUrl: stack.env.ADMIN_DATABASE_URL });
    const folder = join(repository, 'bench', 'results');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `store-${new Date().toISOString().replaceAll(':', '-')}.json`);
    writeFileSync(file, JSON.stringify(results, undefined, 2));
    report(`written to ${file}`);
    console.log(`BENCH ${JSON.stringify(summaryOf(results))}`);
    return 0;
  } finally {
    clearTimeout(hardEnd);
    await stop();
  }
}

async function measureBoth({ plan, report, adminUrl }) {
  const database = Object.assign(new URL(adminUrl), { pathname: '/bench_store' }).href;
  const towpath = await StoreSide.open({ adminUrl: database, writers: plan.writers });
  const bare = await BareSide.open({ adminUrl: database, writers: plan.writers });
  try {
    const results = { latency: [], rate: [] };
    for (const [kind, writers] of [
      ['latency', 1],
      ['rate', plan.writers],
    ]) {
      // V8 compiles for what it sees: it takes seconds until a side is as fast as it stays.
      for (const side of [bare, towpath]) {
        await measure({ side, writers, seconds: plan.warmUpSeconds, prefix: `warm-${kind}` });
      }
      for (let round = 0; round < plan.rounds; round++) {
        // In turn, and the other first each time: whatever else the machine does falls on both.
        for (const side of round % 2 === 0 ? [bare, towpath] : [towpath, bare]) {
          const measured = await measure({ side, writers, seconds: plan.seconds, prefix: `${kind}${round}` });
          results[kind].push({ side: side.name, writers, ...measured });
          report(lineOf(side.name, writers, measured));
        }
      }
    }
    await assertWhole(towpath);
    return results;
  } finally {
    await Promise.all([towpath.close(), bare.close()]);
  }
}

/** What was fast must also be right: an inbox row for each event, and a chain that holds. */
async function assertWhole(towpath) {
  await towpath.rows();
  const [stream] = towpath.versions.keys();
  const mismatches = await towpath.mismatchesOf(stream);
  if (mismatches.length > 0) throw new Error(`BENCH_WRONG: ${stream}: ${JSON.stringify(mismatches[0])}`);
}

function lineOf(name, writers, { perSecond, p50Ms, p99Ms }) {
  const ms = (value) => `${value.toFixed(2).padStart(6)} ms`;
  return `${name.padEnd(8)} ${String(writers).padStart(3)} writer(s)  ${Math.round(perSecond).toString().padStart(6)}/s  p50 ${ms(p50Ms)}  p99 ${ms(p99Ms)}`;
}

function summaryOf(results) {
  const of = (kind, side, field) => median(results[kind].filter((one) => one.side === side).map((one) => one[field]));
  const [bareP50Ms, p50Ms] = ['bare', 'towpath'].map((side) => of('latency', side, 'p50Ms'));
  const [barePerSec, perSec] = ['bare', 'towpath'].map((side) => of('rate', side, 'perSecond'));
  const round = (value, digits) => Number(value.toFixed(digits));
  return {
    name: 'store',
    p50Ratio: round(p50Ms / bareP50Ms, 2),
    rateRatio: round(perSec / barePerSec, 2),
    ...{ bareP50Ms: round(bareP50Ms, 3), p50Ms: round(p50Ms, 3) },
    ...{ barePerSec: Math.round(barePerSec), perSec: Math.round(perSec) },
  };
}
