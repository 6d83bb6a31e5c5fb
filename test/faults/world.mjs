import { rmSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ServiceProcess } from '@towpath/cli/local/service-process';
import { repository, startPlatform } from '@towpath/cli/local/platform';
import { databaseUrl, SANDBOX_ONLY } from '@towpath/cli/local/service-environment';
import { openInspector } from '@towpath/event-store/inspect';
import { end } from '@towpath/stack/processes';
import { stopProcesses, deleteData } from '@towpath/cli/running/stop-home';
import { Recoveries } from '@towpath/testing/checker/recoveries';
import { FaultProxy } from '@towpath/testing/fault-proxy';
import { Sandbox } from '@towpath/testing/sandbox';
import { unusedPorts } from '@towpath/testing/shared-ports';
import { RawKafka } from './raw-kafka.mjs';

/** What the traffic goes through. The other services would only take from the two processors what these are to recover with. */
const SERVICES = ['sandbox', 'cdc', 'triage', 'fraud', 'support', 'egress', 'ingress'];
/** Services that may get a second process, by name. */
const REPLICAS = ['triage', 'fraud', 'egress', 'cdc'];

/**
 * A platform of its own with a proxy in front of the broker, the database and the provider, so that any of them can be
 * slow, cut or forgetful without a restart. Everything listens on loopback only.
 */
export class World {
  proxies = {};
  /** progress after each process that was killed or stopped and is there again */
  kills = new Recoveries('kill');
  /** progress after each case as a whole */
  recoveries = new Recoveries('fault');
  caseNumber = 0;
  #replicas = new Map();
  #ports;

  static async start({ home, random, report }) {
    const world = new World();
    Object.assign(world, { home, random, report, long: false });
    await World.clear(home);
    mkdirSync(home, { recursive: true });
    world.#ports = await unusedPorts();
    let further = await unusedPorts();
    while (further.kafka === world.#ports.kafka) further = await unusedPorts();
    for (const [name, target] of Object.entries({ kafka: 'kafka', postgres: 'postgres', provider: 'sandbox' })) {
      world.proxies[name] = new FaultProxy({ port: world.#ports[target] }, random);
    }
    const { kafka, postgres, provider } = world.proxies;
    const through = { kafka: await kafka.listen(further.kafka), postgres: await postgres.listen(further.postgres) };
    const providerPort = await provider.listen(further.sandbox);
    world.replicaPorts = further;
    world.platform = await startPlatform({
      home,
      ports: world.#ports,
      services: SERVICES,
      through,
      // Often, so that every blow meets a relay that signs.
      environment: { ...SANDBOX_ONLY, STRIPE_HOST: `http://127.0.0.1:${providerPort}`, CHECKPOINT_SECONDS: '10' },
      onProgress: report,
    });
    const direct = { home, stack: world.platform.stack.env };
    world.inspector = openInspector({ url: databaseUrl(direct, 'towpath_reader') });
    world.sandbox = new Sandbox(world.platform);
    world.kafka = new RawKafka(`127.0.0.1:${world.#ports.kafka}`);
    return world;
  }

  /** Ends what an earlier run left in this home, by its pidfiles, and deletes its data. */
  static async clear(home) {
    await Promise.all(REPLICAS.map((name) => end(join(home, 'run', `${name}-2.pid`), ['SIGTERM'], 5_000)));
    await stopProcesses(home);
    await deleteData(home, { settings: true });
    rmSync(join(home, 'run'), { recursive: true, force: true });
  }

  async stop() {
    this.heal();
    await this.kafka?.close();
    await this.inspector?.close().catch(() => undefined);
    await this.stopReplicas();
    if (this.platform) await this.platform.stop();
    await Promise.all(Object.values(this.proxies).map((proxy) => proxy.close()));
  }

  /** Everything as it was: wires, the provider, processes that were stopped with SIGSTOP. */
  heal() {
    for (const proxy of Object.values(this.proxies)) proxy.heal();
    for (const service of this.platform?.services.values() ?? []) service.signal('SIGCONT');
    for (const replica of this.#replicas.values()) replica.signal('SIGCONT');
    for (const part of ['kafka', 'postgres', 'registry']) this.platform?.stack.kill(part, 'SIGCONT');
  }

  service(name) {
    return this.platform.service(name);
  }

  /** A second process of the service, started and ready. */
  async startReplica(name) {
    const second = await this.launchReplica(name);
    await second.ready();
    return second;
  }

  /** The same for a service whose second process need not be ready at once: a relay that stands by. */
  async launchReplica(name) {
    const first = this.service(name);
    const port = this.replicaPorts[name];
    const second = new ServiceProcess(first.service, this.platform.around, repository, { name: `${name}-2`, port });
    this.#replicas.set(name, second);
    await second.launch();
    return second;
  }

  async stopReplica(name) {
    await this.#replicas.get(name)?.stop();
    this.#replicas.delete(name);
  }

  async stopReplicas() {
    await Promise.all([...this.#replicas.keys()].map((name) => this.stopReplica(name)));
  }

  /** Starts what a fault ended and nobody started again. */
  async reviveAll() {
    for (const part of ['postgres', 'kafka', 'registry']) {
      if (!this.platform.stack.kill(part, 'SIGCONT')) await this.platform.stack.restart(part);
    }
    await Promise.all([...this.platform.services.values()].map((service) => service.start()));
  }

  /** Runs `work` with an administrator's connection past the proxy. */
  async asAdmin(work) {
    const client = new pg.Client({ connectionString: this.platform.stack.env.ADMIN_DATABASE_URL });
    client.on('error', () => undefined); // the database is killed now and then
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** How far each store is: the highest position, by schema. */
  async positions() {
    const schemas = ['triage', 'fraud', 'egress'];
    const parts = schemas.map((schema) => `(select coalesce(max(position), 0) from ${schema}.events) as ${schema}`);
    const [row] = await this.inspector.query(`select ${parts.join(', ')}`, []);
    return Object.fromEntries(Object.entries(row).map(([schema, position]) => [schema, Number(position)]));
  }

  /**
   * How far each part is: what ingress took by the sender's account, what the stores hold, and what the relay confirmed to
   * Postgres, which it does once Kafka has it. Numbers only rise.
   */
  async progress() {
    const [{ cdc }] = await this.inspector.query(
      "select coalesce(max(pg_wal_lsn_diff(confirmed_flush_lsn, '0/0')), 0)::float8 as cdc from pg_replication_slots",
      [],
    );
    return { ...(await this.positions()), cdc, ingress: this.traffic.accepted.size };
  }

  /** Asks until the condition holds; false when it does not within the time. A question that fails counts as no. */
  async until(condition, msMax, everyMs = 20) {
    const endAt = performance.now() + msMax;
    while (performance.now() < endAt) {
      if (
        await Promise.resolve()
          .then(condition)
          .catch(() => false)
      )
        return true;
      await delay(everyMs);
    }
    return false;
  }

  pause(ms) {
    return delay(ms);
  }
}
