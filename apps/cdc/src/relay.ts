import { setTimeout as sleep } from 'node:timers/promises';
import { LeaseHeld } from './lease.js';
import { RelaySession, type RelayOptions } from './relay-session.js';
import type { RelayState } from './relay-metrics.js';
import { SetupMissing } from './slot.js';
import { StoreBehind } from './store-check.js';

const backoffMsMin = 100;
/** A database that is back is found within this time, however long it was away. */
const backoffMsMax = 1_000;
/** A standby looks so often whether the lease is free. */
const standbyMs = 250;
/** Nothing changes before a person has acted. */
const behindMs = 10_000;
/** Streams that the log names; `towpath relay status` names up to 1,000. */
const streamsLogged = 20;
/** Failed sends in a row after which readiness goes: Kafka is away, not busy. */
const sendFailuresMax = 3;

/** Publishes every committed event: session after session, until it is stopped. */
export class Relay {
  private session: RelaySession | undefined;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private reason = 'starting';
  private failures = 0;
  private behindEvents = 0;
  private standby = false;
  private publishedUntil = Date.now();

  constructor(private readonly options: RelayOptions) {}

  start(): void {
    this.loop ??= this.run();
  }

  /** Finishes nothing in flight: what is not acknowledged comes again after the next start. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.loop;
  }

  /** Why the relay does not publish; undefined while it does. */
  notReady(): string | undefined {
    if (!this.session) return this.reason;
    if (this.session.beginning !== undefined) return this.session.beginning;
    if (!this.session.leaseFresh) return 'the lease can not be renewed';
    if (!this.session.kafkaReached) return 'no broker could be reached yet';
    if (this.session.sendFailures >= sendFailuresMax) return 'Kafka does not acknowledge';
    return undefined;
  }

  state(): RelayState {
    const { session } = this;
    return {
      lagBytes: session?.lagBytes ?? 0,
      lagSeconds: this.lagSeconds(),
      bufferedBytes: session?.bufferedBytes ?? 0,
      parkedStreams: session?.parkedStreams ?? 0,
      streaming: this.notReady() === undefined,
      catchingUp: session?.catchingUp ?? false,
      storeBehindEvents: this.behindEvents,
      ...(session?.slotState ?? { slotRetainedBytes: 0, slotSafeBytes: 0, slotUsedShare: 0, oldestTransactionMs: 0 }),
    };
  }

  /** While it has no session it goes on from what the last one reached; before the first heartbeat from the start. */
  private lagSeconds(): number | undefined {
    if (this.standby) return undefined;
    this.publishedUntil = this.session?.publishedUntil ?? this.publishedUntil;
    return Math.max(0, Date.now() - this.publishedUntil) / 1_000;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    const stopped = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
    while (!signal.aborted) {
      const error = await this.runSession(stopped);
      if (signal.aborted || error === undefined) break;
      const waitMs = this.report(error);
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
    this.reason = 'stopped';
  }

  private async runSession(stopped: Promise<undefined>): Promise<Error | undefined> {
    let session: RelaySession | undefined;
    try {
      session = await RelaySession.start(this.options);
      this.session = session;
      if (this.standby) this.publishedUntil = Date.now();
      this.standby = false;
      const early = await Promise.race([session.begin(), session.ended(), stopped]);
      if (early || this.stopping.signal.aborted) return early as Error | undefined;
      this.failures = 0;
      this.behindEvents = 0;
      this.reason = 'streaming';
      this.options.logger.info({ slot: this.options.slot }, 'relay.streaming');
      return await Promise.race([session.ended(), stopped]);
    } catch (error) {
      return error as Error;
    } finally {
      this.session = undefined;
      if (this.stopping.signal.aborted) await session?.finish();
      await session?.close().catch(() => undefined);
    }
  }

  /** Logs a reason once, not every attempt; returns how long to wait. */
  private report(error: Error): number {
    const standby = (this.standby = error instanceof LeaseHeld);
    this.behindEvents = error instanceof StoreBehind ? error.gap.events : 0;
    if (error.message !== this.reason) {
      const fields = { slot: this.options.slot, reason: error.message };
      if (standby) this.options.logger.info(fields, 'relay.standby');
      else if (error instanceof StoreBehind) this.tellBehind(error);
      else if (error instanceof SetupMissing) this.options.logger.error(fields, 'relay.setup_missing');
      else this.options.logger.warn(fields, 'relay.interrupted: connecting again, from the last confirmed position');
    }
    this.reason = error.message;
    if (standby) return standbyMs;
    if (error instanceof StoreBehind) return behindMs;
    this.options.metrics.reconnected();
    const waitMs = Math.min(backoffMsMax, backoffMsMin * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.failures = Math.min(this.failures + 1, 10);
    return waitMs;
  }

  private tellBehind({ code, gap, message }: StoreBehind): void {
    const streams = gap.streams.slice(0, streamsLogged);
    this.options.logger.error(
      { slot: this.options.slot, code, ...gap, streams, alert: true },
      `relay.store_behind: ${message}`,
    );
  }
}
