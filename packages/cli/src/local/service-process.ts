import { join } from 'node:path';
import { end, isAlive, launch, runningFrom, signal, type ProcessIdentity } from '@towpath/stack/processes';
import { until } from '@towpath/stack/until';
import { environmentOf, type LocalService, type Surroundings } from './service-environment.js';

const START_MS_MAX = 30_000;
const STOP_MS_MAX = 12_000;
/**
 * The old generation may grow by one and a half times what is alive in it before it is collected. Under a bound as small as a service's, V8 by itself
 * allows far less, and collects all the time (ADR 48).
 */
const NODE_ARGUMENTS = ['--enable-source-maps', '--heap-growing-percent=150'];

/** Thrown when a service ends or stays unready while it starts: `SERVICE_NOT_READY`. */
export class ServiceNotReady extends Error {
  readonly code = 'SERVICE_NOT_READY';
}

/** One program of the platform, started as its own process and known by its pidfile. */
export class ServiceProcess {
  readonly url: string;
  readonly logFile: string;
  private readonly pidFile: string;
  private identity: ProcessIdentity | undefined;

  /** `replica`: a further process of the service, with a name and a port of its own. */
  constructor(
    readonly service: LocalService,
    private readonly around: Surroundings,
    private readonly repository: string,
    private readonly replica?: { readonly name: string; readonly port: number },
  ) {
    const name = replica?.name ?? service.name;
    this.url = `http://127.0.0.1:${replica?.port ?? around.ports[service.name]}`;
    this.logFile = join(around.home, 'logs', `${name}.log`);
    this.pidFile = join(around.home, 'run', `${name}.pid`);
    this.identity = runningFrom(this.pidFile);
  }

  get pid(): number | undefined {
    return this.alive ? this.identity?.pid : undefined;
  }

  get alive(): boolean {
    return this.identity !== undefined && isAlive(this.identity);
  }

  /** Starts it and waits until `/readyz` says so. Already running: only waits. */
  async start(extra: NodeJS.ProcessEnv = {}): Promise<void> {
    if (!this.alive) await this.launch(extra);
    await this.ready();
  }

  async launch(extra: NodeJS.ProcessEnv = {}): Promise<void> {
    const { repository, service, around, replica } = this;
    this.identity = await launch({
      command: join(repository, 'node_modules', '.bin', 'node'),
      arguments: [...NODE_ARGUMENTS, join(repository, 'apps', service.name, 'dist', 'main.js')],
      environment: {
        ...environmentOf(service, around),
        ...(replica && { PORT: String(replica.port) }),
        ...extra,
      },
      cwd: repository,
      logFile: this.logFile,
      pidFile: this.pidFile,
    });
  }

  async ready(deadlineMs = START_MS_MAX): Promise<void> {
    const ok = await until(async () => !this.alive || (await this.isReady()), deadlineMs, 40);
    if (ok && this.alive) return;
    const what = this.alive ? `is not ready after ${deadlineMs / 1000} s` : 'ended while starting';
    throw new ServiceNotReady(`SERVICE_NOT_READY: ${this.service.name} ${what}; see ${this.logFile}`);
  }

  async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
    } catch {
      return false;
    }
  }

  signal(name: NodeJS.Signals): boolean {
    return this.identity !== undefined && signal(this.identity, name);
  }

  async stop(): Promise<void> {
    await end(this.pidFile, ['SIGTERM'], STOP_MS_MAX);
    this.identity = undefined;
  }
}
