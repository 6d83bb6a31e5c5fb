import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { OutboundClient, type OutboundRequest } from '@towpath/outbound/outbound-client';

const MAIN = resolve(import.meta.dirname, '../../sandbox/dist/main.js');

/** A line of the sandbox's own log, as far as these specs look. */
export interface LoggedEffect {
  readonly action: string;
  readonly subject: string;
  readonly amount: number | null;
  readonly idempotencyKey: string | null;
  readonly outcome: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A line of the sandbox's log of everybody but Stripe. */
export interface LoggedAct {
  readonly provider: string;
  readonly action: string;
  readonly subject: string;
  readonly effectId: string | null;
  readonly group?: string;
  readonly outcome: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The built sandbox as a process of its own, reached over real HTTP. */
export class SandboxProcess {
  private child: ChildProcess | undefined;
  private constructor(
    readonly port: number,
    readonly smtpPort: number,
    readonly home: string,
    private readonly settings: NodeJS.ProcessEnv,
  ) {}

  static async start(settings: NodeJS.ProcessEnv = {}): Promise<SandboxProcess> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: run \`npm run build\` first`);
    const sandbox = new SandboxProcess(
      await freePort(),
      await freePort(),
      mkdtempSync(join(tmpdir(), 'towpath-egress-')),
      settings,
    );
    await sandbox.run();
    return sandbox;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async run(): Promise<void> {
    const addresses = { PORT: String(this.port), SMTP_PORT: String(this.smtpPort), TOWPATH_HOME: this.home };
    const env = { PATH: process.env['PATH'], LOG_LEVEL: 'error', ...addresses, ...this.settings };
    this.child = spawn(process.execPath, [MAIN], { env, stdio: 'ignore' });
    const deadline = Date.now() + 10_000;
    while (!(await this.healthy())) {
      if (Date.now() > deadline) throw new Error('the sandbox did not start');
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.home, { recursive: true, force: true });
  }

  async put(path: string, body: object): Promise<void> {
    const { status, body: text } = await this.send({
      method: 'PUT',
      url: this.origin + path,
      body: JSON.stringify(body),
    });
    if (status !== 200) throw new Error(`${path}: ${status} ${text.toString()}`);
  }

  async calm(): Promise<void> {
    await this.send({ method: 'DELETE', url: `${this.origin}/sandbox/behaviour` });
  }

  /** What really happened, from the sandbox's own log. */
  acted(): LoggedEffect[] {
    const lines = readFileSync(join(this.home, 'sandbox', 'effects.jsonl'), 'utf8')
      .split('\n')
      .slice(0, -1);
    return lines.map((line) => JSON.parse(line) as LoggedEffect).filter(({ outcome }) => outcome === 'acted');
  }

  /** The same of everybody but Stripe. */
  done(provider: string): LoggedAct[] {
    const lines = readFileSync(join(this.home, 'sandbox', 'acts.jsonl'), 'utf8')
      .split('\n')
      .slice(0, -1);
    const acts = lines.map((line) => JSON.parse(line) as LoggedAct);
    return acts.filter((act) => act.provider === provider && act.outcome === 'acted');
  }

  private async healthy(): Promise<boolean> {
    return this.send({ method: 'GET', url: `${this.origin}/sandbox/health` }).then(
      ({ status }) => status === 200,
      () => false,
    );
  }

  private async send(request: OutboundRequest) {
    const client = new OutboundClient({
      provider: 'sandbox',
      hosts: [],
      loopbackOrigins: [this.origin],
      timeoutMs: 2_000,
      connectionsMax: 1,
      responseBytesMax: 1_000_000,
      rateLimit: { perSecond: 100, burst: 10, queueMax: 10 },
      breaker: { failures: 10, openMs: 100 },
    });
    return client.request(request).finally(() => client.close());
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}
