import { copyFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Cases } from './cases.mjs';
import { Stack } from './stack.mjs';
import { Tail } from './tail.mjs';
import { VerdictFile } from './verdict-file.mjs';

/** Runs the cases on a platform of its own, many at once; answers their verdicts. Ends whatever it started, also after Ctrl-C. */
export async function runReal({ plan, cases, report }) {
  const file = new VerdictFile(plan);
  const kept = file.keep(plan.resume ? cases : []);
  const open = cases.filter(({ name }) => !kept.has(name));
  report(`seed ${plan.seed}: ${cases.length} cases for the real stack, ${kept.size} of them from an earlier run`);
  if (open.length === 0) return [...kept.values()];
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
    const verdicts = [...kept.values(), ...(await runAll({ stack, plan, file, cases: open, report }))];
    file.write(verdicts);
    return verdicts;
  } finally {
    clearTimeout(hardEnd);
    await stop();
  }
}

async function runAll({ stack, plan, file, cases, report }) {
  const tail = await Tail.open(stack.kafka);
  try {
    const own = new Cases({ stack, tail, file, report, seed: plan.seed }, cases);
    const verdicts = await own.run();
    for (const { name, violations } of verdicts) for (const one of violations) report(`FAIL real ${name}: ${one}`);
    keepLogs(stack, plan.out);
    report(`real cases: ${own.breaker.told()}`);
    return verdicts;
  } finally {
    await tail.close();
  }
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
