import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { definitions } from '../../apps/saga-orchestrator/dist/definitions/all.js';
import { casesOf } from '@towpath/sagas/harness/matrix';
import { drawn } from './draw.mjs';
import { runReal } from './real/run.mjs';
import { samples } from './samples.mjs';

/** Runs the plan; resolves with the exit code. */
export async function runMatrix(plan) {
  const startedAt = performance.now();
  const report = (line) => {
    const text = `[${((performance.now() - startedAt) / 1000).toFixed(1).padStart(6)} s] ${line}`;
    if (plan.json) console.error(text);
    else console.log(text);
  };
  const chosen = chosenOf(plan);
  const cases = chosen.flatMap((definition) => casesOf(definition, samples[definition.name]));
  if (plan.list) {
    for (const { name } of cases) console.log(name);
    return 0;
  }
  const virtual = runVirtual(cases, plan, report);
  const real = plan.real === 0 ? [] : await runReal({ plan, cases: drawn(cases, plan), report });
  return conclude({ plan, chosen, virtual, real, report });
}

function chosenOf({ only }) {
  const newest = new Map();
  for (const one of definitions) if (one.version > (newest.get(one.name)?.version ?? 0)) newest.set(one.name, one);
  const unknown = only?.find((name) => !newest.has(name));
  if (unknown !== undefined) {
    const message = `there is no saga ${unknown}; there are ${[...newest.keys()].join(', ')}`;
    throw Object.assign(new Error(message), { code: 'USAGE' });
  }
  return [...newest.values()].filter(({ name }) => only?.includes(name) ?? true);
}

function runVirtual(cases, { out }, report) {
  const twice = cases.length - new Set(cases.map(({ name }) => name)).size;
  if (twice > 0) throw new Error(`CASES_NOT_DISTINCT: ${twice} cases have the name of another`);
  const results = cases.map((one) => ({ name: one.name, definition: one.definition, ...verdictOf(one) }));
  writeFileSync(join(out, 'virtual.jsonl'), results.map((one) => `${JSON.stringify(one)}\n`).join(''));
  for (const [definition, own] of Map.groupBy(results, ({ definition }) => definition)) {
    report(`${definition}: ${own.length} cases on virtual time: ${endsOf(own)}`);
  }
  for (const { name, violations } of results) for (const one of violations) report(`FAIL ${name}: ${one}`);
  return results;
}

function verdictOf(one) {
  try {
    return one.run();
  } catch (error) {
    return { end: 'stuck', doubleEffects: 0, violations: [`it threw ${error.stack ?? error}`] };
  }
}

function endsOf(results) {
  const counts = Object.entries(Object.groupBy(results, ({ end }) => end)).map(([end, all]) => `${all.length} ${end}`);
  return counts.join(', ');
}

function conclude({ plan, chosen, virtual, real, report }) {
  const all = [...virtual, ...real];
  const count = (end) => all.filter((one) => one.end === end).length;
  const failed = all.filter(({ violations }) => violations.length > 0);
  report(`lists of cases, and the sandbox's logs: ${plan.out}`);
  report(`${failed.length} cases with violations; seed ${plan.seed}`);
  const summary = {
    definitions: chosen.length,
    cases: virtual.length,
    realCases: real.length,
    completed: count('completed'),
    compensated: count('compensated'),
    needsHuman: count('needs_human'),
    stuck: count('stuck'),
    doubleEffects: all.reduce((sum, { doubleEffects }) => sum + doubleEffects, 0),
  };
  console.log(`SAGAS ${JSON.stringify(summary)}`);
  return failed.length === 0 && summary.stuck === 0 && summary.doubleEffects === 0 ? 0 : 1;
}
