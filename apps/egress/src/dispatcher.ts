import { Injectable } from '@nestjs/common';
import type { Logger } from '@towpath/service-kit/logger';
import type { EffectMetrics } from './effect-metrics.js';
import { EffectRun, type EffectRunOptions } from './effect-run.js';
import type { OpenEffect } from './ledger.projection.js';
import { OURSELVES } from './actions.js';
import type { Providers } from './providers.js';
import { Slots } from './slots.js';
import { WakeUps } from './wake-ups.js';

export interface DispatcherOptions {
  readonly ledger: EffectRunOptions['ledger'];
  readonly providers: Pick<Providers, 'of'>;
  readonly metrics: EffectMetrics;
  readonly logger: Pick<Logger, 'error' | 'info'>;
  completed: EffectRunOptions['completed'];
  openEffects(limit: number): Promise<OpenEffect[]>;
  /** called at each sweep */
  onSweep?(): Promise<void>;
  openEffectsOf(accountId: string): Promise<OpenEffect[]>;
  /** how often it looks for what others left; default 5 s */
  readonly sweepMs?: number;
  /** a reservation this young is still on its way from its handler to its own replica's dispatcher; default 2 s */
  readonly youngMs?: number;
}

const SWEEP_MS = 5_000;
const YOUNG_MS = 2_000;
const AT_ONCE = { keyWindowMs: 0, callMsMax: 0 };
/** More than this is left in the database until there is room. */
const RUNNING_MAX = 5_000;

interface Running {
  readonly run: EffectRun;
  readonly reservedAt: number;
  readonly finished: Promise<void>;
}

/**
 * Carries out reserved effects. Handlers hand theirs over; what an ended process or another replica left is found at the
 * start and every few seconds. That two dispatchers take the same effect is harmless: the ledger lets one of them call.
 */
@Injectable()
export class Dispatcher {
  private readonly running = new Map<string, Running>();
  private readonly wakeUps = new WakeUps();
  /** of what egress carries out by itself, which takes no time */
  private readonly own = { provider: undefined, slots: new Slots(1) };
  private stopping = false;
  private sweeper: NodeJS.Timeout | undefined;

  constructor(private readonly options: DispatcherOptions) {
    options.metrics.watchQueue(
      () => this.depth,
      () => this.oldestMs,
    );
  }

  /** Takes over what earlier processes left, and goes on looking for it. */
  async start(): Promise<void> {
    await this.sweep(true);
    this.sweeper = setInterval(() => {
      this.sweep(false).catch((err: unknown) => this.options.logger.error({ err }, 'effects.sweep-failed'));
    }, this.options.sweepMs ?? SWEEP_MS);
    this.sweeper.unref();
  }

  /**
   * Takes an effect that is being reserved. It may come twice, and before the reservation is committed: the ledger's steps
   * queue behind that commit, and an effect that is not in the ledger is dropped.
   */
  offer(effect: OpenEffect): void {
    if (this.stopping) return;
    this.wakeUps.wake(effect.subjectId);
    if (this.running.has(effect.effectId) || this.running.size >= RUNNING_MAX) return;
    const way = this.wayOf(effect);
    if (!way) return;
    const { ledger, metrics, completed, openEffectsOf } = this.options;
    const run = new EffectRun(effect, {
      ...{ ledger, metrics, completed, openEffectsOf },
      ...way,
      wakeUps: this.wakeUps,
      stopped: () => this.stopping,
    });
    this.running.set(effect.effectId, { run, reservedAt: effect.reservedAt, finished: this.finish(effect, run) });
  }

  /** An effect in this process's hands is wanted no more. Other replicas learn it from the ledger at their next step. */
  recall({ effectId, subjectId }: Pick<OpenEffect, 'effectId' | 'subjectId'>): void {
    this.running.get(effectId)?.run.recall();
    this.wakeUps.wake(effectId);
    this.wakeUps.wake(subjectId);
  }

  /** Starts no more calls and waits for those that run. */
  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.sweeper);
    this.wakeUps.wakeAll();
    await Promise.allSettled([...this.running.values()].map(({ finished }) => finished));
  }

  /** Effects in this process's hands. */
  get depth(): number {
    return this.running.size;
  }

  /** When the oldest of them was asked for. */
  private get oldestMs(): number | undefined {
    let oldest: number | undefined;
    for (const { reservedAt } of this.running.values()) oldest = Math.min(oldest ?? Infinity, reservedAt);
    return oldest;
  }

  private async finish(effect: OpenEffect, run: EffectRun): Promise<void> {
    // Whoever offers it finishes first; an effect is in `running` before it does anything.
    await Promise.resolve();
    try {
      await run.run();
    } catch (err) {
      // The store was away: the ledger stands where it stood, and the next sweep takes the effect up again.
      const about = {
        event_id: effect.origin.id,
        event_type: effect.action,
        correlation_id: effect.origin.correlationId,
      };
      this.options.logger.error({ err, effectId: effect.effectId, ...about }, 'effect.interrupted');
    } finally {
      this.running.delete(effect.effectId);
      this.wakeUps.wake(effect.subjectId);
    }
  }

  /** Undefined, and said, for a provider whose adapter was taken away while something waited for it. */
  private wayOf({ provider, effectId, action }: OpenEffect) {
    if (provider === OURSELVES) return this.own as never;
    const way = this.options.providers.of(provider);
    if (!way) this.options.logger.error({ effectId, event_type: action, provider }, 'effect.no-adapter');
    return way;
  }

  private async sweep(atStart: boolean): Promise<void> {
    await this.options.onSweep?.();
    const room = RUNNING_MAX - this.running.size;
    if (room <= 0 || this.stopping) return;
    for (const effect of await this.options.openEffects(RUNNING_MAX)) {
      if (this.isOrphan(effect, atStart)) this.offer(effect);
    }
  }

  private isOrphan(effect: OpenEffect, atStart: boolean): boolean {
    const { keyWindowMs, callMsMax } = this.options.providers.of(effect.provider)?.provider ?? AT_ONCE;
    const { youngMs = YOUNG_MS } = this.options;
    const now = Date.now();
    // A timer of the database wakes it; this is for one whose replica ended in that moment.
    if (effect.firedAt === null && effect.nextAt !== undefined) return now - effect.nextAt > youngMs;
    if (effect.firedAt === null) return atStart || now - effect.reservedAt > youngMs;
    // Its caller may still be waiting for the reply. Under a key it does no harm to ask again; without one it could.
    if (atStart && keyWindowMs > 0) return true;
    return now - effect.firedAt > callMsMax + youngMs;
  }
}
