import { Metrics } from '@towpath/service-kit/metrics';
import { CANCEL, CAPTURE } from './actions.js';
import { EffectMetrics, EVERY_ACTION } from './effect-metrics.js';

describe('metrics of effects', () => {
  it('count effects by action and outcome, time calls, and show how many wait', async () => {
    const metrics = new Metrics('egress');
    const effects = new EffectMetrics(metrics);
    effects.watchQueue(
      () => 7,
      () => Date.now() - 3_000,
    );

    effects.called(CAPTURE, 'done', 0.04);
    effects.ended(CAPTURE, 'confirmed');
    effects.ended(CAPTURE, 'confirmed');
    effects.ended(CANCEL, 'failed');

    const lines = (await metrics.text()).split('\n');
    const line = (...parts: string[]) => lines.find((one) => parts.every((part) => one.includes(part)));
    expect(line('towpath_effects_total', 'CapturePayment', 'confirmed')).toMatch(/ 2( |$)/);
    expect(line('towpath_effects_total', 'CancelPayment', 'failed')).toMatch(/ 1( |$)/);
    expect(line('towpath_effect_call_duration_seconds_bucket', 'CapturePayment', 'le="0.05"')).toMatch(/ 1( |$)/);
    expect(line('towpath_effects_queued', '7')).toMatch(/ 7( |$)/);
    expect(line('towpath_effects_oldest_seconds{')).toMatch(/ 3(\.\d+)?$/);
  });

  it('show every outcome of every action before the first, so that the first is seen as one more', async () => {
    const metrics = new Metrics('egress');
    new EffectMetrics(metrics);
    const unknown = (await metrics.text()).split('\n').filter((line) => line.includes('outcome="unknown"'));
    expect(unknown).toHaveLength(EVERY_ACTION.size);
    expect(unknown.every((line) => line.endsWith(' 0'))).toBe(true);
  });
});
