import { HALT, RESUME, CAPTURE, OURSELVES } from './actions.js';
import type { EffectLedger } from './effect-ledger.js';
import type { EffectMetrics } from './effect-metrics.js';
import type { OpenEffect } from './ledger.projection.js';
import type { CallResult, Provider } from './provider.js';
import type { Slots } from './slots.js';
import type { WakeUps } from './wake-ups.js';

export interface EffectRunOptions {
  readonly ledger: Pick<
    EffectLedger,
    'fire' | 'confirm' | 'fail' | 'abandon' | 'giveUp' | 'failIfHalted' | 'rehearse' | 'defer' | 'disable'
  >;
  readonly provider: Provider;
  readonly slots: Slots;
  readonly wakeUps: WakeUps;
  readonly metrics: Pick<EffectMetrics, 'called'>;
  /** the effect with its personal data; undefined when its subject was erased */
  completed(effect: OpenEffect): Promise<OpenEffect | undefined>;
  openEffectsOf(accountId: string): Promise<OpenEffect[]>;
  stopped(): boolean;
}

const INTERRUPTED: Seen = { code: 'INTERRUPTED', detail: 'the process that called it ended before the reply' };
const WAIT_MS = 1_000;
const LOOK_AGAIN_MS = 2_000;
/** A receiver may ask for a longer pause than the schedule has, up to this. */
const RETRY_AFTER_MS_MAX = 12 * 3_600_000;

/** What was seen of the last call. */
interface Seen {
  readonly code: string;
  readonly detail: string;
}

/** A recalled effect is looked at for so long beyond the time in which its provider may still act. */
const RECALL_MS_MAX = 60_000;

/** Takes one effect from where it stands to its end, or to where the process stops. */
export class EffectRun {
  private attempts: number;
  private unsettled: Seen | undefined;
  /** of the last call that certainly did nothing */
  private refusedFor: Seen | undefined;
  private firedAt: number | null;
  private recalledAt: number | undefined;
  private readonly startedAt = Date.now();

  constructor(
    private effect: OpenEffect,
    private readonly options: EffectRunOptions,
  ) {
    this.attempts = effect.attempts;
    this.firedAt = effect.firedAt;
    this.recalledAt = effect.recalledAt;
    if (effect.again) this.unsettled = { code: 'NOT_DONE', detail: effect.again.seen };
    else if (effect.firedAt !== null) this.unsettled = INTERRUPTED;
  }

  /** It is wanted no more: it is not called again, and what became of it is found out soon. */
  recall(): void {
    this.recalledAt ??= Date.now();
  }

  async run(): Promise<void> {
    const { stopped } = this.options;
    if (this.effect.provider === OURSELVES) return this.carryOutOurselves();
    const complete = await this.options.completed(this.effect);
    if (!complete) return this.endErased();
    this.effect = complete;
    while (!stopped()) {
      const over = this.unsettled === undefined ? await this.call() : await this.settle(this.unsettled);
      if (over) return;
    }
  }

  /** One try: true when the effect is over, or somebody else's. */
  private async call(): Promise<boolean> {
    const { slots, provider, wakeUps } = this.options;
    // While the provider is known to be down nothing is committed to; one in a while tries.
    if (!provider.accepts(this.effect)) await wakeUps.sleep([this.effect.effectId], jittered(WAIT_MS));
    await slots.take();
    let result: CallResult | 'over' | 'wait' | 'recalled';
    try {
      result = await this.fireAndCall();
    } finally {
      slots.give();
    }
    if (result === 'over') return true;
    if (result === 'wait') return this.sleep(WAIT_MS);
    if (result === 'recalled') return this.endRecalled();
    return this.record(result);
  }

  private async fireAndCall(): Promise<CallResult | 'over' | 'wait' | 'recalled'> {
    const { ledger, provider, metrics, stopped } = this.options;
    if (stopped()) return 'over';
    const verdict = await ledger.fire(this.effect, this.attempts + 1);
    if (verdict.kind === 'wait' || verdict.kind === 'recalled') return verdict.kind;
    if (verdict.kind !== 'fire') return 'over';
    this.attempts += 1;
    this.firedAt = Date.now();
    const startedAt = performance.now();
    const result = await provider.execute(this.effect);
    metrics.called(this.effect.action, result.kind, (performance.now() - startedAt) / 1000);
    return result;
  }

  private async record(result: CallResult): Promise<boolean> {
    const { ledger, provider } = this.options;
    switch (result.kind) {
      case 'done':
        await ledger.confirm(this.effect, result.reference);
        return true;
      case 'rehearsed':
        await ledger.rehearse(this.effect, result.rehearsed);
        return true;
      case 'refused':
        await (provider.schedule && result.code === 'GONE'
          ? ledger.disable(this.effect, result.code, result.detail)
          : ledger.fail(this.effect, result.code, result.detail));
        return true;
      case 'not-acted':
        if (provider.schedule) return this.defer(provider.schedule, result);
        this.refusedFor = result;
        if (this.timeIsOver()) {
          await ledger.abandon(this.effect, result.code, result.detail);
          return true;
        }
        return this.sleep(Math.max(this.backoffMs(), Math.min(result.retryAfterMs ?? 0, provider.retry.backoffMsMax)));
      case 'unknown':
        if (provider.schedule) return this.defer(provider.schedule, result);
        this.unsettled = result;
        return false;
    }
  }

  /** Its receiver drops repeats itself: the next call comes after the published pause, and after the last one no more. */
  private async defer(
    schedule: readonly number[],
    { code, detail, retryAfterMs = 0 }: { code: string; detail: string; retryAfterMs?: number },
  ): Promise<true> {
    const { ledger } = this.options;
    const pauseMs = schedule[this.attempts];
    const seen = `${code}: ${detail}`;
    if (pauseMs === undefined)
      await ledger.disable(this.effect, 'SCHEDULE_OVER', `${this.attempts} calls; the last: ${seen}`);
    else
      await ledger.defer(
        this.effect,
        this.attempts,
        Math.max(pauseMs, Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)),
        seen,
      );
    return true;
  }

  /** The provider may have acted: ask it, and call again under the same key only when it says that it did not. */
  private async settle(last: Seen): Promise<boolean> {
    const { ledger, provider, slots } = this.options;
    if (provider.schedule) return this.defer(provider.schedule, last);
    const seen = this.effect.again ? last.detail : `${last.code}: ${last.detail}`;
    await slots.take();
    const probe = await provider.probe(this.effect).finally(() => slots.give());
    switch (probe.kind) {
      case 'done':
        await ledger.confirm(this.effect, probe.reference);
        return true;
      case 'impossible':
        await ledger.fail(this.effect, probe.code, probe.detail);
        return true;
      case 'unavailable':
        if (!this.timeIsOver()) return this.sleep(this.backoffMs());
        await ledger.giveUp(this.effect, `${seen}; probe: ${probe.detail}`);
        return true;
      case 'untold':
        await ledger.giveUp(this.effect, `${seen}; ${probe.detail}`);
        return true;
      case 'not-done':
        return this.notDone(last, `${seen}; probe: ${probe.detail}`);
    }
  }

  /** Called again only under a key that the provider still keeps, and only while somebody wants it. */
  private async notDone(last: Seen, seen: string): Promise<boolean> {
    if (this.recalledAt !== undefined) return this.recalled(last);
    if (this.withinKeyWindow() && this.attempts < this.options.provider.retry.attemptsMax && !this.timeIsOver()) {
      this.unsettled = undefined;
      return this.sleep(this.backoffMs());
    }
    await this.options.ledger.giveUp(this.effect, seen);
    return true;
  }

  /** A provider that did not do it yet may still be about to: only after that time is "not done" believed. */
  private async recalled({ code, detail }: Seen): Promise<boolean> {
    const { ledger, provider } = this.options;
    const believedAt = (this.firedAt ?? 0) + (provider.lateMs ?? 0);
    if (Date.now() < believedAt) return this.sleep(Math.min(believedAt - Date.now(), LOOK_AGAIN_MS));
    await ledger.fail(this.effect, code, detail);
    return true;
  }

  /** The ledger says that it was recalled after a call. One that did nothing for certain is over; else it is looked at. */
  private async endRecalled(): Promise<boolean> {
    this.recall();
    if (this.refusedFor === undefined) {
      this.unsettled = INTERRUPTED;
      return false;
    }
    const { code, detail } = this.refusedFor;
    await this.options.ledger.fail(this.effect, code, detail);
    return true;
  }

  /** Whom it is about was erased meanwhile, and with the key what would have been sent. What was called may have been done. */
  private endErased(): Promise<void> {
    const { ledger } = this.options;
    if (this.unsettled !== undefined) {
      const { code, detail } = this.unsettled;
      return ledger.giveUp(this.effect, `${code}: ${detail}; its subject was erased`);
    }
    return ledger.fail(this.effect, 'SUBJECT_ERASED', 'the person it is about was erased before it was sent');
  }

  private async carryOutOurselves(): Promise<void> {
    const { ledger, openEffectsOf, wakeUps } = this.options;
    const { action, accountId } = this.effect;
    if (action === HALT) {
      const open = await openEffectsOf(accountId);
      await Promise.all(
        open.filter((effect) => effect.action === CAPTURE).map((effect) => ledger.failIfHalted(effect)),
      );
      wakeUps.wake(accountId);
    }
    if (action === HALT || action === RESUME) await ledger.confirm(this.effect, OURSELVES);
  }

  /** False, for "not over yet". What happens to the payment or the account meanwhile ends the pause. */
  private async sleep(ms: number): Promise<false> {
    await this.options.wakeUps.sleep([this.effect.subjectId, this.effect.accountId], ms);
    return false;
  }

  private backoffMs(): number {
    const { backoffBaseMs, backoffMsMax } = this.options.provider.retry;
    return jittered(Math.min(backoffMsMax, backoffBaseMs * 2 ** Math.max(0, this.attempts - 1)));
  }

  private timeIsOver(): boolean {
    const { retry, lateMs = 0 } = this.options.provider;
    if (this.recalledAt !== undefined) return Date.now() - this.recalledAt > lateMs + RECALL_MS_MAX;
    return Date.now() - this.startedAt > retry.giveUpMs;
  }

  private withinKeyWindow(): boolean {
    // Of an effect that an earlier process called only the latest call's time is at hand; its reservation is never later than the first.
    const since = this.effect.firedAt === null ? this.startedAt : this.effect.reservedAt;
    return Date.now() - since < this.options.provider.keyWindowMs;
  }
}

/** Half of it for sure and half by chance, so that many that failed together don't come back together. */
function jittered(ms: number): number {
  return ms / 2 + (Math.random() * ms) / 2;
}
