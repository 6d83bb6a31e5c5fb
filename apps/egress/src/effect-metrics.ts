import { Injectable } from '@nestjs/common';
import { Metrics } from '@towpath/service-kit/metrics';
import type { CallResult } from './provider.js';

/** How effects end: as their events say. */
export type EffectOutcome = 'confirmed' | 'failed' | 'unknown';

/** What egress counts beside the kit's own metrics. `action` is the name of the command, such as `CapturePayment`. */
@Injectable()
export class EffectMetrics {
  private readonly effects;
  private readonly callSeconds;
  private readonly queued;

  constructor(metrics: Metrics) {
    const { meter } = metrics;
    this.effects = meter.createCounter('towpath_effects', { description: 'effects that ended, by outcome' });
    this.callSeconds = meter.createHistogram('towpath_effect_call_duration_seconds', {
      description: 'mutating calls to a provider, by what they came to',
      advice: { explicitBucketBoundaries: [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10] },
    });
    this.queued = meter.createObservableGauge('towpath_effects_queued', {
      description: "effects in this process's hands that did not end yet",
    });
  }

  /** `type` is the command's. */
  ended(type: string, outcome: EffectOutcome): void {
    this.effects.add(1, { action: nameOf(type), outcome });
  }

  called(type: string, result: CallResult['kind'], seconds: number): void {
    this.callSeconds.record(seconds, { action: nameOf(type), result });
  }

  /** Asks for the depth whenever the metrics are read. */
  watchQueue(depth: () => number): void {
    this.queued.addCallback((gauge) => gauge.observe(depth()));
  }
}

function nameOf(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
