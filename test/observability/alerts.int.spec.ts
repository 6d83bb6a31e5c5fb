import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { promtool } from '@towpath/stack/parts/promtool';
import { ALSO_FIRING, FIRING, NEAR_MISSES, QUIET, type Firing, type Series } from './alert-series.fixture.js';
import { alerts, ALERTS_FILE, ruleFile } from './queries.fixture.js';

const run = promisify(execFile);
const FETCH_MS_MAX = 300_000;
/** The series above are two hours long. */
const EVALUATED_AT = '2h';

let tool: string;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'towpath-alerts-'));
  tool = await promtool(join(import.meta.dirname, '../../.towpath/parts'));
  // Annotations are for people; what is compared is who fires, with which labels.
  const groups = ruleFile().groups.map((group) => ({
    ...group,
    rules: group.rules.map(({ annotations: _, ...rule }) => rule),
  }));
  writeFileSync(join(folder, 'rules.yml'), JSON.stringify({ groups }));
}, FETCH_MS_MAX);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Resolves when, with these series in the place of quiet ones, exactly the expected alert fires, once; rejects with what differs. */
async function expectAlone(series: Series, expected?: { alert: string; labels: Firing['labels'] }): Promise<void> {
  const checks = alerts().map(({ alert, labels }) => ({
    eval_time: EVALUATED_AT,
    alertname: alert,
    exp_alerts: alert === expected?.alert ? [{ exp_labels: { ...labels, ...expected.labels } }] : [],
  }));
  const input = Object.entries({ ...QUIET, ...series }).map(([name, values]) => ({ series: name, values }));
  const test = { interval: '15s', input_series: input, alert_rule_test: checks };
  const file = join(folder, 'test.yml');
  writeFileSync(file, JSON.stringify({ rule_files: ['rules.yml'], evaluation_interval: '15s', tests: [test] }));
  await run(tool, ['test', 'rules', file]).catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`${error.stdout ?? ''}${error.stderr ?? ''}`);
  });
}

describe('the alert rules', () => {
  it('are taken by Prometheus, with their texts', async () => {
    const { stdout } = await run(tool, ['check', 'rules', ALERTS_FILE]);
    expect(stdout).toContain(`SUCCESS: ${alerts().length} rules found`);
  });

  it('fire none while nothing is wrong', () => expectAlone({}));

  it.each(Object.keys(NEAR_MISSES))('fire none for %s', (name) => expectAlone(NEAR_MISSES[name]!));

  it.each(alerts().map(({ alert }) => alert))('fire %s once and no other', async (alert) => {
    const firing = FIRING[alert];
    if (!firing) throw new Error(`${alert} has no series that make it fire: add them to alert-series.fixture.ts`);
    await expectAlone(firing.series, { alert, labels: firing.labels });
  });

  it.each(ALSO_FIRING)('fire $alert once and no other for $why', ({ alert, labels, series }) =>
    expectAlone(series, { alert, labels }),
  );

  it('would be found out when one did not fire', async () => {
    await expect(expectAlone({}, { alert: 'StreamParked', labels: {} })).rejects.toThrow(/alertname:\s*StreamParked/);
  });
});
