import { setTimeout as sleep } from 'node:timers/promises';
import { LeaseHeld } from './lease.js';
import { RelaySession, type RelayOptions } from './relay-session.js';
import type { RelayState } from './relay-metrics.js';
import { SetupMissing } from './slot.js';

const backoffMsMin = 100;
const backoffMsMax = 3_000;
/** A standby looks so often whether the lease is free. */
const standbyMs = 500;
/** Failed sends in a row after which readiness goes: Kafka is away, not busy. */
const sendFailuresMax = 3;

/** Publishes every committed event: session after session, until it is stopped. */
export class Relay {
  private session: RelaySession | undefined;
  private readonly stopping = new AbortController();
  private loop: Promise<void> | undefined;
  private reason = 'starting';
  private failures = 0;

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
      bufferedBytes: session?.bufferedBytes ?? 0,
      parkedStreams: session?.parkedStreams ?? 0,
      streaming: this.notReady() === undefined,
      catchingUp: session?.catchingUp ?? false,
      ...(session?.slotState ?? { slotSafeBytes: 0, slotUsedShare: 0, oldestTransactionMs: 0 }),
    };
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
      const early = await Promise.race([session.begin(), session.ended(), stopped]);
      if (early || this.stopping.signal.aborted) return early as Error | undefined;
      this.failures = 0;
      this.reason = 'streaming';
      this.options.logger.info({ slot: this.options.slot }, 'relay.streaming');
      return await Promise.race([session.ended(), stopped]);
    } catch (error) {
      return error as Error;
    } finally {
      this.session = undefined;
      await session?.close().catch(() => undefined);
    }
  }

  /** Logs a reason once, not every attempt; returns how long to wait. */
  private report(error: Error): number {
    const standby = error instanceof LeaseHeld;
    if (error.message !== this.reason) {
      const fields = { slot: this.options.slot, reason: error.message };
      if (standby) this.options.logger.info(fields, 'relay.standby');
      else if (error instanceof SetupMissing) this.options.logger.error(fields, 'relay.setup_missing');
      else this.options.logger.warn(fields, 'relay.interrupted: connecting again, from the last confirmed position');
    }
    this.reason = error.message;
    if (standby) return standbyMs;
    this.options.metrics.reconnected();
    const waitMs = Math.min(backoffMsMax, backoffMsMin * 2 ** this.failures) * (0.5 + Math.random() / 2);
    this.failures = Math.min(this.failures + 1, 10);
    return waitMs;
  }
}
