import { RECOVERY_MS_MAX } from '@towpath/testing/checker/recoveries';

const CASE_MS_MAX = 150_000;
const CASE_MS_MAX_LONG = 400_000;
/** How long progress is waited for before it is given up; what comes later than allowed is a violation with a number. */
const PATIENCE_MS = 60_000;
const EVERYTHING = ['ingress', 'triage', 'fraud', 'egress', 'cdc'];

/**
 * Runs one fault: `inject` breaks something and resolves when what was broken is there again; from then on everything must go
 * on within `recoveryMsMax`. `late` counts the violations that are only about time. What a fault kills and starts again by itself it measures with `recovers`. Answers what was
 * injected when and what was seen.
 */
export async function runCase(fault, world, report) {
  const violations = [];
  const notes = [];
  let late = 0;
  const expect = (holds, what, { isTime = false } = {}) => {
    if (holds) return;
    violations.push(what);
    if (isTime) late += 1;
  };
  const note = (what) => notes.push(what);
  const recovers = async (blow, parts = EVERYTHING, msMax = RECOVERY_MS_MAX) => {
    const { ms, last } = await progressOf(world, parts);
    world.kills.add({ blow, ms, msMax });
    expect(
      ms !== undefined && ms <= msMax,
      `${blow}: progress of ${parts.join(', ')} after ${ms} ms, the last ${last}, allowed ${msMax}`,
      { isTime: ms !== undefined },
    );
  };
  world.caseNumber += 1;
  const startedAt = new Date().toISOString();
  const before = performance.now();
  report(`${fault.id} ${fault.about}`);
  try {
    await within(world.long ? CASE_MS_MAX_LONG : CASE_MS_MAX, fault.inject(world, { expect, note, recovers }));
  } catch (error) {
    violations.push(`inject: ${error.message}`);
  }
  world.heal();
  const injectedMs = Math.round(performance.now() - before);
  const { ms: recoveryMs, last } = await progressOf(world, EVERYTHING);
  const recoveryMsMax = fault.recoveryMsMax ?? RECOVERY_MS_MAX;
  world.recoveries.add({ blow: fault.id, ms: recoveryMs, msMax: recoveryMsMax });
  expect(
    recoveryMs !== undefined && recoveryMs <= recoveryMsMax,
    `progress of all after ${recoveryMs} ms, the last ${last}, allowed ${recoveryMsMax}`,
    { isTime: recoveryMs !== undefined },
  );
  try {
    await world.stopReplicas();
    await world.reviveAll();
    await world.sandbox.behave();
  } catch (error) {
    violations.push(`afterwards: ${error.message}`);
  }
  const verdict = violations.length === 0 ? 'ok' : 'FAILED';
  report(
    `${fault.id} ${verdict}: took ${injectedMs} ms, progress ${recoveryMs ?? 'none'} ms after; ${notes.join('; ')}`,
  );
  for (const violation of violations) report(`     ${violation}`);
  const { id, about, holds } = fault;
  return { id, about, holds, startedAt, injectedMs, recoveryMs, notes, verdict, violations, late };
}

/** Milliseconds until each of the parts has done something that it had not when this was called, and which was the last to. */
async function progressOf(world, parts) {
  const startedAt = performance.now();
  let from;
  let waiting = parts;
  let last;
  const moved = await world.until(async () => {
    from ??= await world.progress();
    const now = await world.progress();
    last = waiting.join(' and ') || last;
    waiting = waiting.filter((part) => now[part] <= from[part]);
    return waiting.length === 0;
  }, PATIENCE_MS);
  return { ms: moved ? Math.round(performance.now() - startedAt) : undefined, last };
}

function within(ms, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${ms / 1000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
