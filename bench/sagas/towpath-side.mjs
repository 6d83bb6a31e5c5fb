import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceProcess } from '@towpath/cli/local/service-process';
import { repository, startPlatform } from '@towpath/cli/local/platform';
import { databaseUrl } from '@towpath/cli/local/service-environment';
import { openInspector } from '@towpath/event-store/inspect';
import { ProcessorTime } from '../path/processor-time.mjs';
import { ask } from './requests.mjs';
import { STEPS, sagaOf } from './echo.mjs';
import { peakOf } from './memory.mjs';

const SERVICES = ['cdc', 'saga-orchestrator'];
const POLL_MS = 250;
const END_MS_MAX = 180_000;
/** As on every local stack. */
const NODE_OPTIONS = '--max-semi-space-size=32 --max-old-space-size=224';

/** Towpath with its default configuration: relay, orchestrator and a participant that answers at once, each a process. */
export class TowpathSide {
  name = 'towpath';

  static async start({ home, ports, onProgress }) {
    const platform = await startPlatform({ home, ports, services: SERVICES, onProgress });
    return new TowpathSide(platform, ports);
  }

  constructor(platform, ports) {
    this.platform = platform;
    this.echo = new ServiceProcess({ name: 'echo', role: 'echo_service' }, platform.around, repository, {
      name: 'echo',
      // The port of a service that this benchmark does not start.
      port: ports.lending,
    });
    this.inspector = openInspector({ url: databaseUrl(platform.around, 'towpath_reader') });
  }

  get processes() {
    return new Map([...this.platform.services, ['echo', this.echo]]);
  }

  async resume({ profile, nodeOptions }) {
    const environmentOf = (name) =>
      profile ? profiled(name, profile, nodeOptions) : nodeOptions ? { NODE_OPTIONS: nodeOptions } : {};
    await Promise.all([...this.processes].map(([name, one]) => one.start(environmentOf(name))));
  }

  async pause() {
    await Promise.all([...this.processes.values()].map((one) => one.stop()));
  }

  async close() {
    await this.pause();
    await this.inspector.close();
    await this.platform.stop();
  }

  pids() {
    const { kafka, postgres, registry } = this.platform.stack.pids;
    const services = [...this.processes].map(([name, { pid }]) => [name, pid]);
    return { ...Object.fromEntries(services), kafka, postgres, registry };
  }

  /** Asks for sagas and waits until each has ended; the rate counts from the first request to the last end. */
  async measure({ sagas, withinSeconds }) {
    const from = await this.#positions();
    const cpu = new ProcessorTime(this.pids());
    const memory = peakOf(this.platform.service('saga-orchestrator').pid);
    const asking = ask({ around: this.platform.around, sagas, withinSeconds });
    const watched = this.#ends(from.orchestrator, sagas);
    const { startedAt, endedAt } = await asking;
    const { begunAt, lastAt, ends } = await watched;
    const seconds = (lastAt - startedAt) / 1_000;
    const measured = {
      sagas,
      seconds,
      perSecond: sagas / seconds,
      askedSeconds: (endedAt - startedAt) / 1_000,
      begunSeconds: (begunAt - startedAt) / 1_000,
      ends,
      orchestratorMib: memory.stop(),
      ...cpu.perDelivery(sagas),
    };
    await this.#assertRight(from, measured);
    return measured;
  }

  async #positions() {
    const [row] = await this.inspector.query(
      `select (select coalesce(max(position), 0) from echo.events)::text as echo,
              (select coalesce(max(position), 0) from saga_orchestrator.events)::text as orchestrator`,
      [],
    );
    return row;
  }

  /**
   * What the orchestrator's store shows: when all of them were seen to have begun, which is after the commit, when the last ended, and how many ended
   * how.
   */
  async #ends(from, sagas) {
    const ends = { completed: 0, compensated: 0, needs_human: 0 };
    let [position, begun, ended, begunAt, lastAt] = [from, 0, 0, 0, 0];
    const giveUpAt = Date.now() + END_MS_MAX;
    while (ended < sagas) {
      if (Date.now() > giveUpAt)
        throw new Error(`BENCH_WRONG: ${ended} of ${sagas} sagas ended: ${JSON.stringify(ends)}`);
      await delay(POLL_MS);
      const [row] = await this.inspector.query(NEWLY_ENDED, [position]);
      position = row.position ?? position;
      begun += row.begun;
      if (row.begun > 0 && begun === sagas) begunAt = Date.now();
      for (const end of Object.keys(ends)) {
        ends[end] += row[end];
        ended += row[end];
      }
      if (row.last_at !== null) lastAt = Number(row.last_at);
    }
    return { begunAt, lastAt, ends };
  }

  /** Each end as it must be, and each step done, refused or undone exactly once. */
  async #assertRight(from, { sagas, ends }) {
    const refused = Array.from({ length: sagas }, (_, n) => sagaOf(n)).filter(({ refuses }) => refuses !== null).length;
    const expected = {
      ...{ completed: sagas - refused, compensated: refused, needs_human: 0 },
      ...{ echoed: sagas * STEPS.length - refused, refused, undone: refused * (STEPS.length - 1), distinct: 0 },
    };
    expected.distinct = expected.echoed + expected.refused + expected.undone;
    const [answers] = await this.inspector.query(ANSWERS, [from.echo]);
    const found = { ...ends, ...answers };
    const wrong = Object.keys(expected).filter((name) => expected[name] !== found[name]);
    if (wrong.length > 0)
      throw new Error(`BENCH_WRONG: ${wrong.join(', ')}: ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`);
  }
}

const NEWLY_ENDED = `
  select max(position)::text as position,
         count(*) filter (where type = 'sagas.v1.SagaStarted')::int as begun,
         count(*) filter (where type = 'sagas.v1.SagaEnded' and data ->> 'outcome' = 'completed')::int as completed,
         count(*) filter (where type = 'sagas.v1.SagaEnded' and data ->> 'outcome' = 'compensated')::int as compensated,
         count(*) filter (where type = 'sagas.v1.SagaEnded' and data ->> 'outcome' = 'needs_human')::int as needs_human,
         max(extract(epoch from occurred_at) * 1000) filter (where type = 'sagas.v1.SagaEnded')::float8 as last_at
  from saga_orchestrator.events where position > $1`;

const ANSWERS = `
  select count(*) filter (where type = 'echo.v1.Echoed')::int as echoed,
         count(*) filter (where type = 'echo.v1.EchoRefused')::int as refused,
         count(*) filter (where type = 'echo.v1.EchoUndone')::int as undone,
         count(distinct (type, stream, data ->> 'step')) filter (where type <> 'echo.v1.EchoRequested')::int as distinct
  from echo.events where position > $1`;

function profiled(name, folder, nodeOptions = NODE_OPTIONS) {
  const own = join(resolve(folder), name);
  mkdirSync(own, { recursive: true });
  return { NODE_OPTIONS: `${nodeOptions} --cpu-prof --cpu-prof-interval=500 --cpu-prof-dir=${own}` };
}
