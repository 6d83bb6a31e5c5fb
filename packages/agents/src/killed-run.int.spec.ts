import { once } from 'node:events';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RunStepFinished } from '@towpath/contracts/agents/RunStepFinished.v1';
import { AlertTriggered } from '@towpath/contracts/ops/AlertTriggered.v1';
import { DeployCompleted } from '@towpath/contracts/ops/DeployCompleted.v1';
import { openInspector } from '@towpath/event-store/inspect';
import { createProducer, type Producer } from '@towpath/kafka/producer';
import { brokers, silent, until } from '@towpath/kafka/testing/broker-fixture';
import { createSpecService, type Line, type SpecService } from '@towpath/service-kit/consuming.fixture';
import { DecideByRun, POINTS } from './killed-run.fixture.js';

let service: SpecService;
let producer: Producer;
const replicas: ChildProcess[] = [];
const lines: Line[] = [];

beforeAll(async () => {
  service = await createSpecService('cdc', { handlers: [DecideByRun] });
  producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
}, 120_000);
afterAll(async () => {
  for (const child of replicas) child.kill('SIGKILL');
  await producer?.close();
  await service?.close();
});

function start(hangs: 'yes' | 'no'): ChildProcess {
  const program = join(import.meta.dirname, '../dist/killed-run.fixture.js');
  const env = { ...process.env, NODE_OPTIONS: '', SPEC_PLACE: JSON.stringify(service.place), SPEC_HANGS: hangs };
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  replicas.push(child);
  createInterface({ input: child.stdout }).on('line', (line) => void lines.push(JSON.parse(line) as Line));
  return child;
}

/** One run for each point where it is cut off, and one that is left alone. */
const runs = ['none', ...POINTS];
const dones = (run: string) =>
  lines.filter((line) => line.msg === 'spec.done' && line['run'] === run).map((line) => line['point']);

it('ends a run that was killed after any of its steps with the same decision and each effect once', async () => {
  const first = start('yes');
  await producer.send(
    runs.map((run) =>
      service.record(DeployCompleted, `id-${run}`, {
        ...{ deployId: run, environment: run, deployedService: 's', version: '1', status: 'ok', completedAt: 0 },
      }),
    ),
  );
  const hanging = () => lines.filter(({ msg }) => msg === 'spec.hangs').length;
  await until('each run to be where it is cut off', () => hanging() === POINTS.length, 60_000);
  first.kill('SIGKILL');
  await once(first, 'exit');
  start('no');
  const alerts = async () => (await service.events()).filter(({ type }) => type === AlertTriggered.type);
  await until('all decisions', async () => (await alerts()).length >= runs.length, 60_000);

  const effects = (await alerts()).map(({ data }) => [data['alertId'], data['name']]).sort();
  expect(effects).toEqual(runs.map((run) => [run, '7.5']).sort());
  for (const [place, point] of POINTS.entries()) {
    // What was finished was done once; the step in which the process was killed, once more.
    const expected = POINTS.flatMap((step, at) => (at === place ? [step, step] : [step]));
    expect([point, dones(point)]).toEqual([point, expected]);
  }
}, 180_000);

it('journals each step of such a run once, in a chain that holds', async () => {
  const events = await service.events();
  for (const run of runs) {
    const steps = events.filter(
      ({ type, metadata }) => type === RunStepFinished.type && metadata.causationId === `id-${run}`,
    );
    expect([run, steps.map(({ data }) => data['step'])]).toEqual([
      run,
      ['look#1', 'history#1', 'opinion#1', 'weigh#1'],
    ]);
  }
  const inspector = openInspector({ url: service.database.urlAs('towpath_reader') });
  try {
    expect(await Array.fromAsync(inspector.verify({ schema: service.schema }))).toEqual([]);
  } finally {
    await inspector.close();
  }
}, 60_000);
