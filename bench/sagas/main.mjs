import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePorts } from '@towpath/stack/ports';
import { end } from '@towpath/stack/processes';
import { stopStack } from '@towpath/stack/stack';
import { processTable, withDescendants } from '@towpath/cli/running/process-memory';
import { stopProcesses } from '@towpath/cli/running/stop-home';
import { installPeers } from '../agents/peers.mjs';
import { ProcessorTime } from '../path/processor-time.mjs';
import { summaryOf as hotspotsOf } from '../path/profile.mjs';
import { openSide } from '../side-process.mjs';
import { planOf } from './plan.mjs';
import { lineOf, summaryOf } from './report.mjs';
import { TowpathSide } from './towpath-side.mjs';

const repository = resolve(import.meta.dirname, '../..');
const program = join(import.meta.dirname, 'peer.mjs');
const modules = {
  dbos: join(repository, 'bench/peers/dbos-saga.mjs'),
  restate: join(repository, 'bench/peers/restate-saga.mjs'),
};
const LOCAL = '-local';
/** What is measured only after so many: code that runs for the first time is slow. */
const WARM_UP = { sagas: 1_500, withinSeconds: 3 };
const PEER_WARM_UP = { sagas: 300, concurrency: 16 };

export { help, optionsOf } from './plan.mjs';

/** Runs the benchmark; resolves with the exit code. Ends whatever it started, also after a failure or Ctrl-C. */
export async function run(values) {
  const plan = planOf(values);
  const report = (line) => (plan.json ? console.error(line) : console.log(line));
  const home = join(repository, '.towpath', 'bench-sagas');
  const running = { children: [] };
  const stop = async () => {
    for (const child of running.children) child.kill('SIGKILL');
    await end(join(home, 'run', 'echo.pid'), ['SIGTERM'], 5_000);
    await stopProcesses(home);
    await stopStack(home, { removeData: true });
    for (const side of ['restate', `restate${LOCAL}`]) rmSync(join(home, side), { recursive: true, force: true });
  };
  await stop();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop().finally(() => process.exit(130)));
  const hardEnd = setTimeout(() => {
    console.error(`TIMEOUT: the benchmark takes longer than ${plan.minutesMax} minutes; ended.`);
    void stop().finally(() => process.exit(1));
  }, plan.minutesMax * 60_000);
  try {
    if (plan.sides.some((side) => side !== 'towpath')) installPeers(report);
    const results = await measureAll({ plan, report, home, running });
    const folder = join(repository, 'bench', 'results');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `sagas-${new Date().toISOString().replaceAll(':', '-')}.json`);
    writeFileSync(file, JSON.stringify(results, undefined, 2));
    report(`written to ${file}`);
    console.log(`BENCH ${JSON.stringify(summaryOf(results))}`);
    return 0;
  } finally {
    clearTimeout(hardEnd);
    await stop();
  }
}

/** The sides in turn, each with the machine to itself; whatever else the machine does falls on all. */
async function measureAll({ plan, report, home, running }) {
  const towpath = await TowpathSide.start({ home, ports: await freePorts(), onProgress: report });
  const { ADMIN_DATABASE_URL: adminUrl } = towpath.platform.stack.env;
  const { postgres } = towpath.platform.stack.pids;
  const results = Object.fromEntries(plan.sides.map((side) => [side, []]));
  const note = (side, measured) => {
    results[side].push(measured);
    report(lineOf(side, measured));
  };
  try {
    await towpath.pause();
    for (let round = 0; round < plan.rounds; round += 1) {
      for (const side of plan.sides) {
        if (side === 'towpath') note(side, await turnOfTowpath({ towpath, plan, report }));
        else for (const one of await turnOfPeer({ side, plan, home, adminUrl, postgres, running })) note(side, one);
      }
    }
    return results;
  } finally {
    await towpath.close();
  }
}

async function turnOfTowpath({ towpath, plan, report }) {
  await towpath.resume(plan);
  await towpath.measure(WARM_UP);
  const from = hrtimeMicros();
  const measured = await towpath.measure(plan);
  const to = hrtimeMicros();
  const names = [...towpath.processes.keys()];
  await towpath.pause();
  if (plan.profile) {
    for (const name of names) report(`${name}\n${hotspotsOf(join(resolve(plan.profile), name), { from, to })}`);
  }
  return measured;
}

async function turnOfPeer({ side, plan, home, adminUrl, postgres, running }) {
  const name = side.replace(LOCAL, '');
  const databaseUrl = Object.assign(new URL(adminUrl), { pathname: `/bench_sagas_${side.replace('-', '_')}` }).href;
  const options = {
    databaseUrl,
    folder: join(home, side),
    concurrency: Math.max(...plan.concurrencies),
    local: side !== name,
  };
  const peer = await openSide({ name: side, program, module: modules[name], options });
  running.children.push(peer.child);
  try {
    await peer.measure(PEER_WARM_UP);
    const measured = [];
    for (const concurrency of plan.concurrencies) {
      const cpu = new ProcessorTime(pidsOf(peer.child.pid, postgres));
      const one = await peer.measure({ sagas: plan.peerSagas, concurrency });
      measured.push({ ...one, ...cpu.perDelivery(plan.peerSagas) });
    }
    await peer.close();
    return measured;
  } finally {
    peer.child.kill('SIGKILL');
  }
}

/** A peer's process, the server that it started, and the database. */
function pidsOf(peer, postgres) {
  const own = [...withDescendants([peer], processTable())].map((pid) => [
    pid === peer ? 'workflows' : `server-${pid}`,
    pid,
  ]);
  return { ...Object.fromEntries(own), postgres };
}

/** The clock that profiles are stamped with. */
function hrtimeMicros() {
  return Number(process.hrtime.bigint() / 1000n);
}
