const CASE_MS_MAX = 150_000;
const CASE_MS_MAX_LONG = 300_000;
/** G8: progress within 5 s of a restarted process being ready. */
const RECOVERY_MS_MAX = 5_000;
/** How long progress is waited for before the case is given up; what comes later than allowed is a violation with a number. */
const PATIENCE_MS = 60_000;

/**
 * Runs one fault: `inject` breaks something and resolves when what was broken is there again; from then on every store
 * must append something new within `recoveryMsMax`. Answers what was injected when and what was seen.
 */
export async function runCase(fault, world, report) {
  const violations = [];
  const notes = [];
  const expect = (holds, what) => holds || violations.push(what);
  const note = (what) => notes.push(what);
  const startedAt = new Date().toISOString();
  const before = performance.now();
  report(`${fault.id} ${fault.about}`);
  try {
    await within(world.long ? CASE_MS_MAX_LONG : CASE_MS_MAX, fault.inject(world, { expect, note }));
  } catch (error) {
    violations.push(`inject: ${error.message}`);
  }
  world.heal();
  const injectedMs = Math.round(performance.now() - before);
  const recoveryMs = await recovery(world, fault.progress ?? ['triage', 'fraud', 'egress']);
  const recoveryMsMax = fault.recoveryMsMax ?? RECOVERY_MS_MAX;
  expect(recoveryMs !== undefined, `no progress within ${PATIENCE_MS / 1000} s`);
  expect(
    recoveryMs === undefined || recoveryMs <= recoveryMsMax,
    `progress after ${recoveryMs} ms, allowed ${recoveryMsMax}`,
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
  return { id, about, holds, startedAt, injectedMs, recoveryMs, notes, verdict, violations };
}

/** Milliseconds until each of the stores has appended something that it had not when this was called. */
async function recovery(world, schemas) {
  const startedAt = performance.now();
  let from;
  const moved = await world.until(async () => {
    from ??= await world.positions();
    const now = await world.positions();
    return schemas.every((schema) => now[schema] > from[schema]);
  }, PATIENCE_MS);
  return moved ? Math.round(performance.now() - startedAt) : undefined;
}

function within(ms, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${ms / 1000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
