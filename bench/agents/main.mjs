import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePorts } from '@towpath/stack/ports';
import { startStack, stopStack } from '@towpath/stack/stack';
import { openSide } from '../side-process.mjs';
import { median } from '../store/measure.mjs';
import { installPeers } from './peers.mjs';
import { planOf } from './plan.mjs';

const repository = resolve(import.meta.dirname, '../..');
const program = join(import.meta.dirname, 'side.mjs');
const modules = {
  towpath: join(import.meta.dirname, 'towpath-side.mjs'),
  dbos: join(repository, 'bench/peers/dbos.mjs'),
  restate: join(repository, 'bench/peers/restate.mjs'),
};
export { help, optionsOf } from './plan.mjs';

/** Runs the benchmark; resolves with the exit code. Ends whatever it started, also after a failure or Ctrl-C. */
export async function run(values) {
  const plan = planOf(values);
  const report = (line) => (plan.json ? console.error(line) : console.log(line));
  const home = join(repository, '.towpath', 'bench-agents');
  const restateFolder = join(home, 'restate');
  const stop = async () => {
    await stopStack(home, { removeData: true });
    rmSync(restateFolder, { recursive: true, force: true });
  };
  await stop();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop().finally(() => process.exit(130)));
  const hardEnd = setTimeout(() => {
    console.error(`TIMEOUT: the benchmark takes longer than ${plan.minutesMax} minutes; ended.`);
    void stop().finally(() => process.exit(1));
  }, plan.minutesMax * 60_000);
  try {
    if (plan.sides.some((side) => side !== 'towpath')) installPeers(report);
    const stack = await startStack({ home, ports: await freePorts(), parts: ['postgres'], onProgress: report });
    const results = await measureAll({ plan, report, restateFolder, adminUrl: stack.env.ADMIN_DATABASE_URL });
    const folder = join(repository, 'bench', 'results');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `agents-${new Date().toISOString().replaceAll(':', '-')}.json`);
    writeFileSync(file, JSON.stringify(results, undefined, 2));
    report(`written to ${file}`);
    console.log(`BENCH ${JSON.stringify(summaryOf(plan, results))}`);
    return 0;
  } finally {
    clearTimeout(hardEnd);
    await stop();
  }
}

async function measureAll({ plan, report, restateFolder, adminUrl }) {
  const sides = [];
  try {
    for (const name of plan.sides) {
      const databaseUrl = Object.assign(new URL(adminUrl), { pathname: `/bench_agents_${name}` }).href;
      const options = { databaseUrl, folder: restateFolder, concurrency: plan.concurrency };
      sides.push(await openSide({ name, program, module: modules[name], options }));
    }
    const results = { latency: [], rate: [] };
    for (const [kind, concurrency] of [
      ['latency', 1],
      ['rate', plan.concurrency],
    ]) {
      // V8 compiles for what it sees: thousands of runs pass until a side is as fast as it stays.
      for (const side of sides) await side.measure({ concurrency, seconds: plan.warmUpSeconds });
      for (let round = 0; round < plan.rounds; round++) {
        // In turn, and another first each time: whatever else the machine does falls on all.
        const order = sides.map((_, place) => sides[(place + round) % sides.length]);
        for (const side of order) {
          const measured = await side.measure({ concurrency, seconds: plan.seconds });
          results[kind].push({ side: side.name, concurrency, ...measured });
          report(lineOf(side.name, concurrency, measured));
        }
      }
    }
    for (const side of sides) await side.close();
    return results;
  } finally {
    for (const { child } of sides) child.kill('SIGKILL');
  }
}

function lineOf(side, concurrency, { perSecond, p50Ms, p99Ms }) {
  const ms = (value) => `${value.toFixed(2).padStart(6)} ms`;
  return `${side.padEnd(8)} ${String(concurrency).padStart(3)} at once  ${Math.round(perSecond).toString().padStart(6)}/s  p50 ${ms(p50Ms)}  p99 ${ms(p99Ms)}`;
}

function summaryOf(plan, results) {
  const figuresOf = (name) => {
    const of = (kind, field) => median(results[kind].filter(({ side }) => side === name).map((one) => one[field]));
    return { p50Ms: Number(of('latency', 'p50Ms').toFixed(2)), perSec: Math.round(of('rate', 'perSecond')) };
  };
  const [own, ...peers] = plan.sides.includes('towpath')
    ? ['towpath', ...plan.sides.filter((side) => side !== 'towpath')]
    : [undefined, ...plan.sides];
  return {
    name: 'agents',
    ...(own && figuresOf(own)),
    ...Object.fromEntries(peers.map((peer) => [peer, figuresOf(peer)])),
  };
}
