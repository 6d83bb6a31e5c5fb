import type { ServerResponse } from 'node:http';
import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { contractOf, isContract } from '@towpath/contracts/catalogue';
import { foldable } from '@towpath/event-store/foldable';
import type { EventStore } from '@towpath/event-store/types';
import type { Logger } from '@towpath/service-kit/logger';
import { InjectConfig, InjectLogger, InjectStore } from '@towpath/service-kit/platform';
import { readEnd, readTail, type TailEvent } from './case-tail.projection.js';
import type { ConsoleConfig } from './config.js';
import { TokenBook, type Caller } from './token-book.js';

/** How often it is looked for something new while anybody follows; while nobody does, nothing is looked for. */
const LOOK_MS = 400;
/** Events read for a client at once. */
const PAGE = 100;
/** Bytes that may wait for a client; while more do, nothing is read for it. */
const WAITING_BYTES_MAX = 262_144;
/** A client that takes nothing for so long is let go; it comes back with the last id that it saw. */
const STUCK_MS_MAX = 30_000;
/** A comment keeps proxies from ending a quiet connection. */
const QUIET_MS = 15_000;

interface Follower {
  readonly response: ServerResponse;
  readonly caller: Caller;
  after: string;
  saidAt: number;
  stuckSince: number | null;
}

/**
 * Server-sent events from the store itself: each client has its place in it and is read a page at a time when it took the one before, so that
 * a slow one costs a page of memory and nothing is lost for one that comes back.
 */
@Injectable()
export class EventStream implements BeforeApplicationShutdown {
  private readonly followers = new Set<Follower>();
  private looking: NodeJS.Timeout | undefined;
  private stopping = false;

  constructor(
    @InjectStore() private readonly store: EventStore,
    @InjectConfig() private readonly config: ConsoleConfig,
    @InjectLogger() private readonly logger: Logger,
    private readonly tokens: TokenBook,
  ) {}

  get hasRoom(): boolean {
    return !this.stopping && this.followers.size < this.config.STREAMS_MAX;
  }

  /** The place of the newest event. */
  end(): Promise<string> {
    return readEnd(this.store);
  }

  /** Writes what comes after a place, until the client goes, its token is over, or the service stops. */
  open(response: ServerResponse, caller: Caller, after: string): void {
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: 2000\nid: ${after}\n\n`);
    const follower: Follower = { response, caller, after, saidAt: Date.now(), stuckSince: null };
    this.followers.add(follower);
    response.on('close', () => this.followers.delete(follower));
    response.on('error', () => this.followers.delete(follower));
    this.look(0);
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
    clearTimeout(this.looking);
    for (const follower of this.followers) this.leave(follower);
  }

  private look(afterMs: number): void {
    clearTimeout(this.looking);
    this.looking = setTimeout(() => void this.round(), afterMs);
  }

  private async round(): Promise<void> {
    try {
      for (const follower of [...this.followers]) await this.serve(follower);
    } catch (err) {
      this.logger.warn({ err }, 'stream.unread');
    }
    if (this.followers.size > 0 && !this.stopping) this.look(LOOK_MS);
  }

  private async serve(follower: Follower): Promise<void> {
    const now = Date.now();
    if (!this.tokens.isInForce(follower.caller, now)) return this.leave(follower);
    if (this.isStuck(follower, now)) return;
    let events: TailEvent[];
    do {
      events = await readTail(this.store, follower.after, PAGE);
      if (!this.followers.has(follower)) return;
      for (const event of events) follower.response.write(textOf(event));
      follower.after = events.at(-1)?.position ?? follower.after;
      if (events.length > 0) follower.saidAt = now;
    } while (events.length === PAGE && follower.response.writableLength < WAITING_BYTES_MAX);
    if (now - follower.saidAt > QUIET_MS) {
      follower.saidAt = now;
      follower.response.write(': quiet\n\n');
    }
  }

  private isStuck(follower: Follower, now: number): boolean {
    if (follower.response.writableLength < WAITING_BYTES_MAX) {
      follower.stuckSince = null;
      return false;
    }
    follower.stuckSince ??= now;
    if (now - follower.stuckSince > STUCK_MS_MAX) {
      this.followers.delete(follower);
      follower.response.destroy();
    }
    return true;
  }

  private leave(follower: Follower): void {
    this.followers.delete(follower);
    follower.response.end();
  }
}

/** An event as a client gets it: without personal data. */
function textOf({ position, type, data, occurred_at, version }: TailEvent): string {
  const name = isContract(type) ? contractOf(type).name : type;
  const shown = foldable({ id: '', stream: '', type, data, metadata: {} as never, occurredAt: occurred_at });
  const told = JSON.stringify({
    name,
    reviewId: data['reviewId'],
    version: Number(version),
    at: occurred_at,
    data: shown.data,
  });
  return `id: ${position}\nevent: ${name}\ndata: ${told}\n\n`;
}
