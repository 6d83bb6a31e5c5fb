import { KafkaError, reasonOf } from './kafka-error.js';
import type { Logger } from './record.js';

/** One life of a consumer. */
export interface SupervisedMember {
  start(): Promise<void>;
  stop(): Promise<void>;
  assigned(): number;
  lagSeconds(): number;
  /** when it last handled something, in milliseconds since the epoch */
  progressAt(): number;
  /** why it must be replaced although it did not fail, or undefined */
  stalled(now: number): Error | undefined;
}

/** Time, so that specs can run it. */
export interface Clock {
  now(): number;
  setTimeout(work: () => void, milliseconds: number): unknown;
  clearTimeout(timer: unknown): void;
}

export type SupervisorState = 'joining' | 'running' | 'rebuilding' | 'stopped';

export interface SupervisorOptions {
  /** a new member each time (K6); it calls `onFailure` when it is beyond use */
  create(onFailure: (error: Error) => void): SupervisedMember;
  onFatal(error: Error): void;
  logger: Logger;
  clock?: Clock;
  /** failures in a row, with nothing handled in between, before `onFatal`; an unreachable broker doesn't count */
  failuresMax?: number;
  /** the hard end of stopping a member (K22) */
  stopDeadlineMs?: number;
}

const WATCHDOG_INTERVAL_MS = 1_000;
const BACKOFF_BASE_MS = 100;
/** Whatever was away is found within this time once it is back, however long it was away. */
const BACKOFF_MAX_MS = 1_000;

const systemClock: Clock = {
  now: Date.now,
  setTimeout: (work, milliseconds) => setTimeout(work, milliseconds),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** Keeps one member alive: replaces it when it fails or stalls, gives up after too many failures without progress. */
export class Supervisor {
  private readonly clock: Clock;
  private readonly failuresMax: number;
  private readonly stopDeadlineMs: number;
  private current: SupervisedMember | undefined;
  private currentState: SupervisorState = 'joining';
  private failures = 0;
  private progressAtLastFailure = 0;
  private lastProgressAt: number;
  private watchdog: unknown;
  private backoff: unknown;

  constructor(private readonly options: SupervisorOptions) {
    this.clock = options.clock ?? systemClock;
    this.failuresMax = options.failuresMax ?? 10;
    this.stopDeadlineMs = options.stopDeadlineMs ?? 10_000;
    this.lastProgressAt = this.clock.now();
  }

  /** Starts the first member; a failure to start is already supervised, so this resolves when it runs or was stopped. */
  start(): Promise<void> {
    this.watch();
    return this.launch();
  }

  state(): SupervisorState {
    return this.currentState;
  }

  member(): SupervisedMember | undefined {
    return this.current;
  }

  progressAt(): number {
    return Math.max(this.lastProgressAt, this.current?.progressAt() ?? 0);
  }

  /** K22: resolves within the deadline, whatever the member does. May be called at any time and more than once. */
  async stop(): Promise<void> {
    if (this.currentState === 'stopped') return;
    this.currentState = 'stopped';
    this.clock.clearTimeout(this.watchdog);
    this.clock.clearTimeout(this.backoff);
    await this.release();
  }

  private async launch(): Promise<void> {
    const member = this.options.create((error) => this.replace(member, error));
    this.current = member;
    try {
      await member.start();
    } catch (error) {
      this.replace(member, error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.current === member && this.currentState !== 'stopped') this.currentState = 'running';
  }

  private replace(member: SupervisedMember, error: Error): void {
    if (member !== this.current || this.currentState === 'stopped') return;
    this.countFailure(error);
    if (this.failures > this.failuresMax) {
      this.giveUp(error);
      return;
    }
    this.currentState = 'rebuilding';
    this.options.logger.warn(
      { reason: error.message, failures: this.failures, failuresMax: this.failuresMax },
      'the consumer is rebuilt',
    );
    void this.release().then(() => {
      if (this.currentState === 'stopped') return;
      const delay = Math.min(BACKOFF_BASE_MS * 2 ** Math.max(this.failures, 1), BACKOFF_MAX_MS);
      this.backoff = this.clock.setTimeout(() => void this.launch(), delay);
    });
  }

  private countFailure(error: Error): void {
    const progressAt = this.progressAt();
    if (progressAt > this.progressAtLastFailure) this.failures = 0;
    this.lastProgressAt = progressAt;
    this.progressAtLastFailure = progressAt;
    if (!isWaitedFor(error)) this.failures += 1;
  }

  private giveUp(error: Error): void {
    this.currentState = 'stopped';
    this.clock.clearTimeout(this.watchdog);
    void this.release();
    this.options.onFatal(
      new KafkaError(
        'REBUILD_BUDGET_SPENT',
        `the consumer failed ${this.failures} times in a row without handling a record: ${error.message}`,
        { cause: error },
      ),
    );
  }

  private async release(): Promise<void> {
    const member = this.current;
    this.current = undefined;
    if (!member) return;
    let timer: unknown;
    const expired = new Promise<void>((resolve) => {
      timer = this.clock.setTimeout(() => {
        this.options.logger.warn(
          { stopDeadlineMs: this.stopDeadlineMs },
          'a consumer did not stop in time; it is left behind',
        );
        resolve();
      }, this.stopDeadlineMs);
    });
    const stopped = member.stop().catch((error: unknown) => {
      this.options.logger.debug({ reason: reasonOf(error) }, 'a consumer did not stop cleanly');
    });
    await Promise.race([stopped, expired]);
    this.clock.clearTimeout(timer);
  }

  private watch(): void {
    this.watchdog = this.clock.setTimeout(() => {
      const member = this.current;
      const reason = this.currentState === 'running' ? member?.stalled(this.clock.now()) : undefined;
      if (member && reason) this.replace(member, reason);
      if (this.currentState !== 'stopped') this.watch();
    }, WATCHDOG_INTERVAL_MS);
  }
}

const WAITED_FOR_NAMES = /^KafkaJS(Connection|BrokerNotFound|NumberOfRetries|RequestTimeout|NoBroker|GroupCoordinator)/;
const WAITED_FOR_TYPES = new Set([
  // K18: for its first seconds a broker knows no coordinator, and kafkajs takes that for final.
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
  'GROUP_LOAD_IN_PROGRESS',
]);
const WAITED_FOR_CODES = new Set(['TOPIC_MISSING', 'LAG_STALLED', 'STORE_UNAVAILABLE', 'REGISTRY_UNAVAILABLE']);

/** A broker that is away comes back, set-up may still run: a service must not give up for that. */
function isWaitedFor(error: unknown): boolean {
  for (let cause: unknown = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (WAITED_FOR_NAMES.test(cause.name)) return true;
    if ('type' in cause && WAITED_FOR_TYPES.has(String(cause.type))) return true;
    if ('code' in cause && WAITED_FOR_CODES.has(String(cause.code))) return true;
  }
  return false;
}
