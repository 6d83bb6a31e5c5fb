import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { glob } from 'node:fs/promises';
import { check } from '@towpath/testing/checker/check';
import { BoundsSampler } from './bounds-sampler.mjs';
import { runCase } from './run-case.mjs';
import { seeded, shuffled } from './seeded.mjs';
import { SenderLog } from './sender-log.mjs';
import { Traffic } from './traffic.mjs';
import { TrafficPlan } from './traffic-plan.mjs';
import { World } from './world.mjs';

const repository = join(import.meta.dirname, '../..');
const SETTLE_MS_MAX = { short: 90_000, long: 300_000 };
const QUIET_MS = 3_000;

/** Runs the plan against one platform; resolves with the exit code. Ends whatever it started, also after Ctrl-C. */
export async function runSuite(plan) {
  const startedAt = performance.now();
  const report = (line) => {
    const text = `[${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s] ${line}`;
    if (plan.json) console.error(text);
    else console.log(text);
  };
  report(`seed ${plan.seed}: \`npm run test:faults -- ${plan.again}\` repeats this plan`);
  const running = { world: undefined };
  const stop = once(() => (running.world ? running.world.stop() : World.clear(plan.home)));
  const giveUp = (code, why) => {
    console.error(why);
    void stop().finally(() => process.exit(code));
  };
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => giveUp(130, `ended by ${signal}`));
  const hardEnd = setTimeout(
    () => giveUp(1, `TIMEOUT: longer than ${plan.minutesMax} minutes`),
    plan.minutesMax * 60_000,
  );
  try {
    return await run(plan, running, report);
  } finally {
    clearTimeout(hardEnd);
    await stop();
  }
}

async function run(plan, running, report) {
  const random = seeded(plan.seed);
  const world = (running.world = await World.start({ home: plan.home, random, report }));
  const senderLog = await SenderLog.open(join(plan.out, 'sender.jsonl'));
  // Its own numbers: how many deliveries fit between two faults must not change what the faults do.
  const trafficRandom = seeded(plan.seed ^ 0x5bd1e995);
  const traffic = new Traffic({
    platform: world.platform,
    sandbox: world.sandbox,
    plan: new TrafficPlan(`f${plan.seed.toString(36)}`, trafficRandom),
    log: senderLog,
    random: trafficRandom,
    perSecond: plan.perSecond,
  });
  world.traffic = traffic;
  const bounds = new BoundsSampler(world);
  bounds.start();
  traffic.start();
  const cases = await runCases(plan, world, report);
  report(`${traffic.accepted.size} deliveries taken in ${traffic.attempts} attempts; waiting until all is quiet`);
  await traffic.stop();
  await senderLog.close();
  const settled = await settle(world, plan.long ? SETTLE_MS_MAX.long : SETTLE_MS_MAX.short);
  report(settled);
  const sampled = await bounds.stop();
  report(highestOf(sampled));
  const verdicts = [
    ...(await verdictsOf(world, report)),
    sampled.verdict(),
    world.kills.verdict(),
    world.recoveries.verdict(),
    ...senderVerdicts(traffic),
  ];
  return conclude({ plan, world, cases, verdicts, report });
}

/**
 * Every kind once in the seed's order. With --long each once in its long form and once more in its short one; then more
 * deliveries until there are enough.
 */
async function runCases(plan, world, report) {
  const cases = [];
  await world.pause(3_000); // some history before the first fault
  for (let round = 1; ; round += 1) {
    world.long = plan.long && round === 1;
    for (const fault of shuffled(plan.faults, world.random)) {
      cases.push(await runCase(fault, world, report));
      await world.pause(1_000);
    }
    if (round >= (plan.long ? 2 : 1)) break;
  }
  while (world.traffic.accepted.size < plan.deliveriesMin) {
    report(`${world.traffic.accepted.size} of ${plan.deliveriesMin} deliveries`);
    await world.pause(10_000);
  }
  return cases;
}

/** Waits until all outcomes are there, no effect is open and nothing was appended for a while. Answers what is missing. */
async function settle(world, msMax) {
  let missing = 'nothing was seen';
  let last = '';
  let since = performance.now();
  const isQuiet = await world.until(
    async () => {
      const [{ outcomes, effects }] = await world.inspector.query(
        `select (select count(*)::int from triage.events where type ~ '^triage.v1.Delivery(Routed|Unrouted|Refused)$'
                 or type = 'platform.v1.DeadLettered' and data ->> 'originTopic' = 'webhooks.received') as outcomes,
                (select count(*)::int from egress.projections where name = 'open-effects') as effects`,
        [],
      );
      const now = JSON.stringify(await world.positions());
      if (now !== last) since = performance.now();
      last = now;
      const without = Math.max(0, world.traffic.accepted.size - outcomes);
      const quietMs = Math.round(performance.now() - since);
      missing = `${without} deliveries without outcome, ${effects} effects open, quiet for ${quietMs} ms`;
      return without === 0 && effects === 0 && quietMs >= QUIET_MS;
    },
    msMax,
    500,
  );
  return isQuiet ? 'quiet' : `NOT quiet after ${msMax / 1000} s: ${missing}; checking what is there`;
}

async function verdictsOf(world, report) {
  const { inspector, platform, kafka, traffic } = world;
  const topics = await kafka.asAdmin((admin) => admin.listTopics());
  return check(
    {
      accepted: traffic.accepted.values(),
      sandboxLog: join(platform.home, 'sandbox', 'effects.jsonl'),
      inspector,
      brokers: [platform.stack.env.KAFKA_BROKERS],
      topics: topics.filter((topic) => /\.(events|commands|dead-letters)$/.test(topic)).sort(),
      projections: await projectionsOf(await inspector.schemas()),
      injected: kafka.injected,
    },
    report,
  );
}

/** Every projection that the services define, from their built files. */
async function projectionsOf(schemas) {
  const found = new Map();
  for (const schema of schemas) {
    const list = [];
    const files = join(repository, 'apps', schema.replaceAll('_', '-'), 'dist', '**', '*.projection.js');
    for await (const file of glob(files)) {
      const exported = Object.values(await import(pathToFileURL(file).href));
      list.push(...exported.filter((one) => typeof one?.keysOf === 'function' && typeof one?.evolve === 'function'));
    }
    found.set(schema, list);
  }
  return found;
}

function senderVerdicts({ refused, accepted, attempts, withoutRetryAfter }) {
  const verdictOf = (invariant, checked, found) => ({
    invariant,
    checked,
    violations: found.length,
    samples: found.slice(0, 10),
  });
  return [
    verdictOf('R3 nothing well formed is refused for good', accepted.size, refused),
    verdictOf('G7 each 429 and 503 says Retry-After', attempts, withoutRetryAfter),
  ];
}

function highestOf(bounds) {
  const mebibytes = (name) => `${Math.round(bounds.highestOf(name) / 1024 ** 2)} MiB`;
  const files = bounds.highestOf(' open files');
  return `highest: memory of a service ${mebibytes(' memory')}, open files ${files}, WAL kept ${mebibytes('WAL kept')}`;
}

function conclude({ plan, world, cases, verdicts, report }) {
  const sandboxLog = join(world.platform.home, 'sandbox', 'effects.jsonl');
  if (existsSync(sandboxLog)) copyFileSync(sandboxLog, join(plan.out, 'sandbox.jsonl'));
  const { seed, long } = plan;
  const recoveries = world.kills.byBlow();
  const told = { seed, long, again: plan.again, cases, recoveries, verdicts };
  writeFileSync(join(plan.out, 'cases.json'), JSON.stringify(told, undefined, 2));
  if (plan.json) console.log(JSON.stringify(told));
  for (const [blow, { times, msMax }] of Object.entries(recoveries)) {
    report(`recovery after ${blow}: at most ${msMax ?? 'never'} ms of ${times}`);
  }
  for (const { invariant, checked, violations, samples } of verdicts) {
    report(`${violations === 0 ? 'ok  ' : 'FAIL'} ${invariant}: ${checked} checked, ${violations} violations`);
    for (const sample of samples) report(`       ${sample}`);
  }
  const failedCases = cases.filter(({ violations }) => violations.length > 0);
  for (const { id, violations } of failedCases) report(`FAIL ${id}: ${violations.join('; ')}`);
  const count = (start) =>
    verdicts
      .filter(({ invariant }) => invariant.startsWith(start))
      .reduce((sum, { violations }) => sum + violations, 0);
  const violations = count('') + failedCases.flatMap((one) => one.violations).length;
  const late = world.kills.late() + world.recoveries.late() + cases.reduce((sum, one) => sum + one.late, 0);
  report(`sender's log, sandbox's log and case list: ${plan.out}`);
  const summary = {
    deliveries: world.traffic.accepted.size,
    faults: new Set(cases.map(({ id }) => id)).size,
    lost: count('I1'),
    duplicates: count('I2'),
    orderBreaks: count('I3'),
    verify: count('I4') === 0 ? 'ok' : 'failed',
    recoveryMsMax: world.kills.msMax(),
  };
  report(`${violations} violations, ${late} of them of time alone; seed ${seed}`);
  console.log(`FAULTS ${JSON.stringify(summary)}`);
  if (violations === 0) return 0;
  return violations === late ? TOO_SLOW : 1;
}

/** Every guarantee held, but something took longer than it may. */
const TOO_SLOW = 3;

function once(work) {
  let begun;
  return () => (begun ??= work());
}
