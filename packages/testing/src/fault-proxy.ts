import { connect, createServer, type Server, type Socket } from 'node:net';

/** What happens to the bytes between a client and its server. Each is for connections that are open and for new ones. */
export type ProxyMode =
  | { readonly kind: 'pass' }
  /** each chunk waits `ms` ± `jitterMs`; order is kept */
  | { readonly kind: 'delay'; readonly ms: number; readonly jitterMs: number }
  /** one byte at a time, `everyMs` apart */
  | { readonly kind: 'slice'; readonly everyMs: number }
  /** the request reaches the server, and instead of its answer the client gets a reset */
  | { readonly kind: 'reset-before-answer' }
  /** bytes of one direction, or both, are swallowed; connections stay open */
  | { readonly kind: 'blackhole'; readonly direction: 'to-server' | 'to-client' | 'both' }
  /** open connections are reset and new ones refused by a reset */
  | { readonly kind: 'cut' };

type Direction = 'to-server' | 'to-client';

/** Bytes held for a slow side; above it the sender is no longer read. */
const HELD_BYTES_MAX = 1_048_576;

/** A TCP proxy on loopback that can misbehave. `random` makes the jitter, so that a seed gives the same plan. */
export class FaultProxy {
  private mode: ProxyMode = { kind: 'pass' };
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  /** connections that a fault reset */
  resets = 0;

  constructor(
    private readonly target: { readonly port: number },
    private readonly random: () => number = Math.random,
  ) {
    this.server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => this.accept(client));
  }

  /** Listens on 127.0.0.1; answers the port. 0 lets the system choose. */
  async listen(port = 0): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return (this.server.address() as { port: number }).port;
  }

  /** Changes what happens from now on. A `cut` resets what is open. */
  set(mode: ProxyMode): void {
    this.mode = mode;
    if (mode.kind === 'cut') this.resetAll();
  }

  /** As a wire again. Streams that lost bytes are of no use to anyone and are reset. */
  heal(): void {
    const lossy = this.mode.kind === 'blackhole' || this.mode.kind === 'slice';
    this.mode = { kind: 'pass' };
    if (lossy) this.resetAll();
  }

  async close(): Promise<void> {
    this.resetAll();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private resetAll(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  private accept(client: Socket): void {
    if (this.mode.kind === 'cut') {
      this.resets += 1;
      client.resetAndDestroy();
      return;
    }
    const server = connect({ host: '127.0.0.1', port: this.target.port, noDelay: true });
    const both = [client, server] as const;
    for (const socket of both) {
      this.sockets.add(socket);
      // The other side learns of an end as it would without a proxy: by a reset for an error, else by an end.
      socket.on('error', () => both.forEach((one) => one.resetAndDestroy()));
      socket.once('close', () => {
        this.sockets.delete(socket);
        both.forEach((one) => one.destroy());
      });
    }
    server.once('connect', () => {
      new Flow(
        client,
        server,
        'to-server',
        this.random,
        () => this.mode,
        () => this.reset(both),
      ).start();
      new Flow(
        server,
        client,
        'to-client',
        this.random,
        () => this.mode,
        () => this.reset(both),
      ).start();
    });
  }

  private reset(both: readonly Socket[]): void {
    this.resets += 1;
    for (const socket of both) socket.resetAndDestroy();
  }
}

/** One direction of one connection: what comes is queued and written in order, as the mode of that moment says. */
class Flow {
  private readonly queue: Buffer[] = [];
  private heldBytes = 0;
  private writing = false;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly direction: Direction,
    private readonly random: () => number,
    private readonly mode: () => ProxyMode,
    private readonly reset: () => void,
  ) {}

  start(): void {
    this.from.on('data', (chunk: Buffer) => this.take(chunk));
    this.from.once('end', () => this.queue.length === 0 && this.to.end());
    this.from.resume();
  }

  private take(chunk: Buffer): void {
    const mode = this.mode();
    if (mode.kind === 'reset-before-answer' && this.direction === 'to-client') return this.reset();
    if (mode.kind === 'blackhole' && (mode.direction === 'both' || mode.direction === this.direction)) return;
    if (mode.kind === 'pass' && !this.writing) {
      if (!this.to.write(chunk)) this.pauseUntilDrained();
      return;
    }
    this.queue.push(chunk);
    this.heldBytes += chunk.length;
    if (this.heldBytes > HELD_BYTES_MAX) this.from.pause();
    if (!this.writing) void this.drain();
  }

  private pauseUntilDrained(): void {
    this.from.pause();
    this.to.once('drain', () => this.from.resume());
  }

  private async drain(): Promise<void> {
    this.writing = true;
    for (let chunk = this.queue.shift(); chunk; chunk = this.queue.shift()) {
      await this.write(chunk);
      this.heldBytes -= chunk.length;
      if (this.heldBytes <= HELD_BYTES_MAX) this.from.resume();
    }
    this.writing = false;
    if (this.from.readableEnded) this.to.end();
  }

  private async write(chunk: Buffer): Promise<void> {
    const mode = this.mode();
    if (mode.kind === 'delay') await pause(Math.max(0, mode.ms + (2 * this.random() - 1) * mode.jitterMs));
    if (mode.kind !== 'slice') {
      if (!this.to.destroyed) this.to.write(chunk);
      return;
    }
    for (let at = 0; at < chunk.length && !this.to.destroyed; at += 1) {
      // Healed meanwhile: the rest goes at once.
      if (this.mode().kind !== 'slice') return void this.to.write(chunk.subarray(at));
      this.to.write(chunk.subarray(at, at + 1));
      await pause(mode.everyMs);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
