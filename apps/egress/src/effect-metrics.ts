import { Injectable } from '@nestjs/common';
import { Metrics } from '@towpath/service-kit/metrics';
import { OWN_ACTIONS } from './actions.js';
import { adapters } from './adapters.js';
import type { CallResult } from './provider.js';

/** How effects end: as their events say. */
export type EffectOutcome = 'confirmed' | 'failed' | 'unknown';

const OUTCOMES: readonly EffectOutcome[] = ['confirmed', 'failed', 'unknown'];

/** Everything an effect can be, by the type of its command. */
export const EVERY_ACTION: ReadonlySet<string> = new Set([
  ...OWN_ACTIONS,
  ...adapters.flatMap(({ tools }) => tools.map(({ command }) => command.type)),
]);

/** What egress counts beside the kit's own metrics. `action` is the name of the command, such as `CapturePayment`. */
@Injectable()
export class EffectMetrics {
  private readonly effects;
  private readonly callSeconds;

  constructor(private readonly metrics: Metrics) {
    this.effects = metrics.counter('towpath_effects_total');
    this.callSeconds = metrics.histogram('towpath_effect_call_duration_seconds');
    // There from the start, so that the very first one of a kind is seen as an increase.
    for (const action of EVERY_ACTION)
      for (const outcome of OUTCOMES) this.effects.add(0, { action: nameOf(action), outcome });
  }

  /** `type` is the command's. */
  ended(type: string, outcome: EffectOutcome): void {
    this.effects.add(1, { action: nameOf(type), outcome });
  }

  called(type: string, result: CallResult['kind'], seconds: number): void {
    this.callSeconds.record(seconds, { action: nameOf(type), result });
  }

  /** Asks for the effects in hand whenever the metrics are read. @param oldestMs when the oldest was asked for; undefined: none is */
  watchQueue(depth: () => number, oldestMs: () => number | undefined): void {
    this.metrics.gauge('towpath_effects_queued', depth);
    this.metrics.gauge('towpath_effects_oldest_seconds', () => {
      const since = oldestMs();
      return since === undefined ? 0 : Math.max(0, Date.now() - since) / 1_000;
    });
  }
}

function nameOf(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
