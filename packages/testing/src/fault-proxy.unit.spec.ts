import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultProxy } from './fault-proxy.js';

/** An echo server that remembers what reached it. */
class Echo {
  received = '';
  readonly sockets = new Set<Socket>();
  readonly server: Server = createServer((socket) => {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.received += chunk.toString();
      socket.write(chunk);
    });
  });
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }
  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

class Client {
  received = '';
  chunks = 0;
  error: string | undefined;
  readonly closed: Promise<void>;
  readonly socket: Socket;
  constructor(port: number) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString();
      this.chunks += 1;
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code));
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
  }
  async has(text: string): Promise<void> {
    while (this.received !== text) await new Promise((resolve) => this.socket.once('data', resolve));
  }
}

describe('a proxy that misbehaves', () => {
  let echo: Echo;
  let proxy: FaultProxy;
  let port: number;
  const clients: Client[] = [];
  const client = (): Client => {
    const one = new Client(port);
    clients.push(one);
    return one;
  };
  const reached = async (text: string): Promise<void> => {
    while (echo.received !== text) await new Promise((resolve) => setImmediate(resolve));
  };

  beforeEach(async () => {
    echo = new Echo();
    proxy = new FaultProxy({ port: await echo.listen() }, () => 0.5);
    port = await proxy.listen();
  });
  afterEach(async () => {
    for (const one of clients.splice(0)) one.socket.destroy();
    await proxy.close();
    await echo.close();
  });

  it('passes bytes both ways until it is told otherwise', async () => {
    const one = client();
    one.socket.write('hello');
    await one.has('hello');
    expect(echo.received).toBe('hello');
  });

  it('delays each direction and keeps the order', async () => {
    proxy.set({ kind: 'delay', ms: 40, jitterMs: 20 });
    const one = client();
    const startedAt = performance.now();
    one.socket.write('first');
    await reached('first');
    one.socket.write('second');
    await one.has('firstsecond');
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(79);
  });

  it('slices into single bytes, and sends the rest whole once healed', async () => {
    proxy.set({ kind: 'slice', everyMs: 5 });
    const one = client();
    one.socket.write('abc');
    await one.has('abc');
    expect(one.chunks).toBe(3);
  });

  it('lets the request reach the server and resets before the answer', async () => {
    proxy.set({ kind: 'reset-before-answer' });
    const one = client();
    one.socket.write('pay');
    await one.closed;
    expect([one.error, one.received, echo.received, proxy.resets]).toEqual(['ECONNRESET', '', 'pay', 1]);
  });

  it('swallows the way to the server', async () => {
    const one = client();
    one.socket.write('a');
    await one.has('a');
    proxy.set({ kind: 'blackhole', direction: 'to-server' });
    one.socket.write('b');
    for (const socket of echo.sockets) socket.write('still here');
    await one.has('astill here');
    expect(echo.received).toBe('a');
  });

  it('swallows the way to the client alone', async () => {
    proxy.set({ kind: 'blackhole', direction: 'to-client' });
    const one = client();
    one.socket.write('b');
    await reached('b');
    proxy.heal();
    await one.closed;
    expect(one.received).toBe('');
  });

  it('cuts what is open, refuses what is new, and serves again once healed', async () => {
    const open = client();
    open.socket.write('a');
    await open.has('a');
    proxy.set({ kind: 'cut' });
    await open.closed;
    const refused = client();
    await refused.closed;
    proxy.heal();
    const again = client();
    again.socket.write('b');
    await again.has('b');
    expect([open.error, refused.error]).toEqual(['ECONNRESET', 'ECONNRESET']);
  });

  it('ends the client as the server goes away', async () => {
    const one = client();
    one.socket.write('a');
    await one.has('a');
    for (const socket of echo.sockets) socket.destroy();
    await one.closed;
    expect(one.received).toBe('a');
  });
});
