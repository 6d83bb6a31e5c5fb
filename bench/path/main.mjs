import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stopStack } from '@towpath/stack/stack';
import { freePorts } from '@towpath/stack/ports';
import { Arrivals } from './arrivals.mjs';
import { BareSide } from './bare-side.mjs';
import { Bench } from './bench.mjs';
import { Load } from './load.mjs';
import { planOf } from './plan.mjs';
import { summaryOf } from './report.mjs';
import { TowpathSide } from './towpath-side.mjs';

const repository = resolve(import.meta.dirname, '../..');
export { help, optionsOf } from './plan.mjs';

/** Runs the benchmark; resolves with the exit code. Ends whatever it started, also after a failure or Ctrl-C. */
export async function run(values) {
  const plan = planOf(values);
  const report = (line) => (plan.json ? console.error(line) : console.log(line));
  const home = join(repository, '.towpath', 'bench');
  await stopLeftovers(home);
  const running = { sides: [], connections: [], platform: undefined };
  const stop = once(async () => {
    await Promise.all(running.connections.map(disconnect));
    await Promise.all(running.sides.map((side) => side.stop().catch(() => undefined)));
    await running.platform?.stop();
    await stopStack(home);
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void stop().finally(() => process.exit(130)));
  const hardEnd = setTimeout(() => {
    console.error(`TIMEOUT: the benchmark takes longer than ${plan.minutesMax} minutes; ended.`);
    void stop().finally(() => process.exit(1));
  }, plan.minutesMax * 60_000);
  try {
    const results = await measureAll({ plan, home, running, report });
    const folder = join(repository, 'bench', 'results');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `path-${new Date().toISOString().replaceAll(':', '-')}.json`);
    writeFileSync(file, JSON.stringify(results, undefined, 2));
    report(`written to ${file}`);
    console.log(`BENCH ${JSON.stringify(summaryOf(results))}`);
    return 0;
  } finally {
    clearTimeout(hardEnd);
    await stop();
  }
}

async function measureAll({ plan, home, running, report }) {
  const towpath = await TowpathSide.start({
    home,
    ports: await freePorts(),
    onProgress: report,
    nodeOptions: plan.nodeOptions,
  });
  running.platform = towpath.platform;
  const { kafka, postgres } = towpath.stack.pids;
  const [bare, stackPids] = [await bareOf(towpath), { kafka, postgres }];
  running.sides.push(bare);
  if (plan.history > 0) {
    const startedAt = performance.now();
    const rows = await towpath.loadHistory(plan.history);
    report(
      `history of ${plan.history} customers loaded: ${rows} rows, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    );
  }
  const connections = [await connect(towpath, stackPids), await connect(bare, stackPids)];
  running.connections.push(...connections);
  return new Bench({ plan, report, home, towpath: connections[0], bare: connections[1] }).run();
}

async function bareOf({ stack, secret }) {
  const { ingress: port } = await freePorts();
  const bare = new BareSide({ stack, port, secret });
  await bare.setUp();
  return bare;
}

/** A side with its load, its independent consumer and the processes that count as its own. */
async function connect(side, stackPids) {
  const brokers = [side.stack.env.KAFKA_BROKERS];
  const arrivals = await Arrivals.watch({
    brokers,
    topic: side.topic,
    paymentOf: (message) => side.paymentOf(message),
  });
  return { side, arrivals, load: new Load(side), pids: () => ({ ...side.pids(), ...stackPids }) };
}

async function disconnect({ arrivals, load }) {
  load.close();
  await arrivals.close().catch(() => undefined);
}

/** What a killed run left behind, known by its pidfiles, and its data. */
async function stopLeftovers(home) {
  await stopStack(home, { removeData: true });
  rmSync(join(home, 'sandbox'), { recursive: true, force: true });
}

function once(work) {
  let running;
  return () => (running ??= work());
}
