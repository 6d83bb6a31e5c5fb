import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ProviderPolicy } from './outbound-client.js';

/** A loopback HTTP server that stands in for a provider in specs. */
export class TestServer {
  requests = 0;
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(listener: RequestListener): Promise<TestServer> {
    const server = createServer((request, response) => {
      started.requests += 1;
      listener(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const started = new TestServer(server, `http://127.0.0.1:${port}`);
    return started;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}

/** A generous policy for one loopback origin. */
export function policyFor(origin: string, changes: Partial<ProviderPolicy> = {}): ProviderPolicy {
  return {
    provider: 'test',
    hosts: [],
    loopbackOrigins: [origin],
    timeoutMs: 2_000,
    connectionsMax: 4,
    responseBytesMax: 1_000,
    rateLimit: { perSecond: 1_000, burst: 1_000, queueMax: 100 },
    breaker: { failures: 3, openMs: 50 },
    ...changes,
  };
}
