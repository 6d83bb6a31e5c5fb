import { rmSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceProcess } from '@towpath/cli/local/service-process';
import { repository, startPlatform } from '@towpath/cli/local/platform';
import { databaseUrl, SANDBOX_ONLY } from '@towpath/cli/local/service-environment';
import { deleteData, stopProcesses } from '@towpath/cli/running/stop-home';
import { openInspector } from '@towpath/event-store/inspect';
import { openStore } from '@towpath/event-store/pool';
import { end } from '@towpath/stack/processes';
import { Deliveries } from '@towpath/testing/deliveries';
import { kill } from '@towpath/testing/kills';
import { Sandbox } from '@towpath/testing/sandbox';
import { unusedPorts } from '@towpath/testing/shared-ports';
import { RawKafka } from '../../faults/raw-kafka.mjs';
import { linesOf } from './sandbox-log.mjs';

/** What sagas go through; everything else stays off. */
const SERVICES = ['sandbox', 'cdc', 'triage', 'commerce', 'saga-orchestrator', 'egress', 'ingress'];
const DELIVERED_MS_MAX = 60_000;

/** A platform of its own on real Kafka, registry and Postgres, with the participant `echo` beside it. */
export class Stack {
  static async start({ home, report }) {
    await Stack.clear(home);
    mkdirSync(home, { recursive: true });
    const ports = await unusedPorts();
    const platform = await startPlatform({
      home,
      ports,
      services: SERVICES,
      environment: SANDBOX_ONLY,
      onProgress: report,
    });
    const stack = new Stack();
    Object.assign(stack, { home, platform });
    const { around } = platform;
    stack.echo = new ServiceProcess({ name: 'echo', role: 'echo_service' }, around, repository, {
      ...{ name: 'echo', port: ports.lending }, // of a service that does not run here
    });
    await stack.echo.start();
    stack.inspector = openInspector({ url: databaseUrl(around, 'towpath_reader') });
    stack.echoStore = openStore({ url: databaseUrl(around, 'echo_service'), schema: 'echo', poolSize: 2 });
    stack.sandbox = new Sandbox(platform);
    stack.deliveries = new Deliveries(platform);
    stack.kafka = new RawKafka(platform.stack.env.KAFKA_BROKERS);
    return stack;
  }

  /** Ends what an earlier run left in this home, by its pidfiles, and deletes its data. */
  static async clear(home) {
    await end(join(home, 'run', 'echo.pid'), ['SIGTERM'], 5_000);
    await stopProcesses(home);
    await deleteData(home, { settings: true });
    rmSync(join(home, 'run'), { recursive: true, force: true });
  }

  async stop() {
    for (const service of [...this.platform.services.values(), this.echo]) service.signal('SIGCONT');
    await this.kafka.close();
    await this.echoStore.close();
    await this.inspector.close().catch(() => undefined);
    await this.echo.stop();
    await this.platform.stop();
  }

  /** What the sandbox's logs say now; what effects are counted by. */
  readLogs() {
    this.logLines = linesOf(this);
  }

  service(name) {
    return name === 'echo' ? this.echo : this.platform.service(name);
  }

  async kill(name) {
    await kill(this.service(name));
  }

  /** Sends a signed delivery until it is taken. */
  async deliver(source, body, id) {
    const endAt = performance.now() + DELIVERED_MS_MAX;
    for (;;) {
      const status = await this.deliveries.sendTo(source, body, id);
      if (status >= 200 && status < 300) return;
      if (performance.now() > endAt) throw new Error(`DELIVERY_NOT_TAKEN: ${source} ${id}: ${status}`);
      await delay(100);
    }
  }

  /** A person's command, sent until it is taken. */
  async command(type, data, id) {
    const endAt = performance.now() + DELIVERED_MS_MAX;
    for (;;) {
      const status = await this.deliveries.sendCommand(type, data, id);
      if (status >= 200 && status < 300) return;
      if (performance.now() > endAt) throw new Error(`COMMAND_NOT_TAKEN: ${type} ${id}: ${status}`);
      await delay(100);
    }
  }
}
