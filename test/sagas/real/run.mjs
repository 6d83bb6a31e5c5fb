import { appendFileSync, copyFileSync, existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Breaker } from './breaker.mjs';
import { definitionOf } from './definition-of.mjs';
import { judged } from './judge.mjs';
import { Stack } from './stack.mjs';
import { storyOf } from './stories.mjs';
import { Tail } from './tail.mjs';
import { Watcher } from './watcher.mjs';

/** Instances that wait for their fault at once. */
const AT_ONCE = 24;
/** For an instance to get to its boundary, or to its end after it. */
const CASE_MS_MAX = 240_000;
const POLL_MS = 50;
const TRIES_MAX = 6;
/** Whoever ended without its fault so long after its beginning does not meet it any more. */
const MISSED_MS = 8_000;
/** What comes after an end changes nothing; it must have had the time to come. */
const QUIET_MS = 3_000;

/** Runs the cases on a platform of its own, many at once; answers their verdicts. Ends whatever it started, also after Ctrl-C. */
export async function runReal({ plan, cases, report }) {
  const done = plan.resume ? earlier(plan) : new Map();
  const open = cases.filter(({ name }) => !done.has(name));
  report(`seed ${plan.seed}: ${cases.length} cases for the real stack, ${done.size} of them from an earlier run`);
  if (open.length === 0) return [...done.values()];
  const running = { stack: undefined };
  const stop = once(() => (running.stack ? running.stack.stop() : Stack.clear(plan.home)));
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
    const stack = (running.stack = await Stack.start({ home: plan.home, report }));
    return [...done.values(), ...(await runAll({ stack, plan, cases: open, report }))];
  } finally {
    clearTimeout(hardEnd);
    await stop();
  }
}

async function runAll({ stack, plan, cases, report }) {
  const tail = await Tail.open(stack.kafka);
  const breaker = new Breaker({ stack, tail, report });
  const watcher = new Watcher(stack, (moment) => breaker.hear(moment));
  const verdicts = [];
  try {
    for (const definition of new Set(cases.map(({ definition }) => definition)))
      await storyOf(definition).prepare(stack);
    watcher.start();
    const instances = cases.map((one, index) => instanceOf(one, keyOf(plan.seed, index)));
    const live = { stack, watcher, breaker, instances, report };
    await allOf(
      live,
      instances.filter(({ one }) => one.fault !== 'delay'),
    );
    for (const group of groupsOf(instances.filter(({ one }) => one.fault === 'delay'))) {
      // Nobody may need whoever is going to be stopped before it is their turn.
      await Promise.all(group.map((instance) => prepare(stack, instance)));
      const delayed = breaker.delayAll(group);
      await allOf(live, group);
      await delayed;
    }
    await breaker.settle();
    await delay(QUIET_MS);
    for (const instance of instances) {
      const verdict = await judged(stack, instance);
      verdicts.push(verdict);
      appendFileSync(join(plan.out, 'real.jsonl'), `${JSON.stringify({ seed: plan.seed, ...verdict })}\n`);
      for (const one of verdict.violations) report(`FAIL real ${verdict.name}: ${one}`);
    }
    keepLogs(stack, plan.out);
    report(`real cases: ${breaker.told()}`);
    return verdicts;
  } finally {
    await watcher.stop();
    await tail.close();
  }
}

/** No key is a part of another: logs are searched for it. */
function keyOf(seed, index) {
  return `m${seed.toString(36)}x${index.toString(36).padStart(3, '0')}z-0`;
}

/** Begins them, so many at once, and waits until each has met its fault and ended. */
async function allOf({ stack, watcher, breaker, instances, report }, own) {
  const waiting = [...own];
  const live = new Set();
  while (waiting.length > 0 || live.size > 0) {
    while (waiting.length > 0 && live.size < AT_ONCE) {
      const instance = waiting.shift();
      live.add(instance);
      watcher.watch(instance);
      breaker.add(instance);
      instance.startedAt = performance.now();
      void begin(stack, instance);
    }
    await delay(POLL_MS);
    for (const instance of live) {
      if (!isOver(instance)) continue;
      live.delete(instance);
      if (!isMissed(instance)) continue;
      const again = nextTry(instance);
      instances[instances.indexOf(instance)] = again;
      waiting.push(again);
    }
    tell(instances, report);
  }
}

/** Those that one stop of one process delays. */
function groupsOf(instances) {
  return [...Map.groupBy(instances, ({ one }) => `${one.definition} ${one.boundary.label}`).values()];
}

/** A blow that fell while the process was down already, or a message that was decided faster than it was seen. */
function isMissed({ one, hit, failed, end, tries }) {
  return one.fault !== 'delay' && !hit && failed === undefined && end !== undefined && tries.length < TRIES_MAX - 1;
}

/** The same case with another instance; what became of this one counts, too. */
function nextTry({ one, key, end, tries }) {
  const earlier = [...tries, { key, end }];
  return { ...instanceOf(one, `${key.split('-')[0]}-${earlier.length}`), tries: earlier };
}

function instanceOf(one, key) {
  const { definition } = one;
  return {
    one,
    key,
    definition: definitionOf(definition),
    story: storyOf(definition),
    hit: false,
    tries: [],
    startedAt: 0,
  };
}

/** What has to be there before an instance can begin. */
async function prepare(stack, instance) {
  instance.prepared = true;
  try {
    await instance.story.before?.(stack, instance.key);
  } catch (error) {
    instance.failed = `it could not be prepared: ${error.message}`;
  }
}

async function begin(stack, instance) {
  const { story, key, one } = instance;
  try {
    if (!instance.prepared) await prepare(stack, instance);
    if (instance.failed !== undefined) return;
    await story.begin(stack, key, one.scenario);
  } catch (error) {
    instance.failed = `it could not begin: ${error.message}`;
  }
}

function isOver({ end, hit, failed, startedAt }) {
  return (
    failed !== undefined ||
    (end !== undefined && (hit || performance.now() - startedAt > MISSED_MS)) ||
    performance.now() - startedAt > CASE_MS_MAX
  );
}

let told = 0;
function tell(instances, report) {
  const ended = instances.filter(({ end }) => end !== undefined).length;
  if (ended < told + 20) return;
  told = ended;
  report(
    `${ended} of ${instances.length} real cases ended, ${instances.filter(({ hit }) => hit).length} met their fault`,
  );
}

function earlier({ out, seed }) {
  const file = join(out, 'real.jsonl');
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const own = lines.filter((line) => line.seed === seed && line.violations.length === 0);
  writeFileSync(file, own.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return new Map(own.map((line) => [line.name, line]));
}

function keepLogs({ home }, out) {
  const folder = join(home, 'sandbox');
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (name.endsWith('.jsonl')) copyFileSync(join(folder, name), join(out, `sandbox-${name}`));
}

function once(work) {
  let begun;
  return () => (begun ??= work());
}
