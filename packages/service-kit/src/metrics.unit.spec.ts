import { METRICS, type MetricDefinition } from './metric-catalogue.js';
import { Metrics } from './metrics.js';

const named = Object.entries(METRICS) as [string, MetricDefinition][];

describe('the catalogue of metrics', () => {
  it('names counters, units and labels as Prometheus asks', () => {
    for (const [name, { kind, labels }] of named) {
      expect(name).toMatch(/^(towpath|kafka_consumergroup)_[a-z_]+$/);
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
      expect(name).not.toMatch(/_(ms|milliseconds|kb|mb|percent)\b/);
      for (const label of labels) expect(label).toMatch(/^[a-z]+$/);
    }
  });

  it('has no label that could hold an id', () => {
    const ids = /id$|^key$|^subject$|^correlation|^stream$/;
    for (const [name, { labels }] of named)
      expect([name, labels.filter((label) => ids.test(label))]).toEqual([name, []]);
  });
});

describe('what a program tells', () => {
  it('has the names and labels of the catalogue', async () => {
    const metrics = new Metrics('fraud');
    metrics.counter('towpath_retries_total').add(2, { handler: 'ScorePayment', reason: 'TIMEOUT' });
    metrics.histogram('towpath_group_duration_seconds').record(0.02);
    metrics.gauge('towpath_inbox_depth', () => 3);
    const text = await metrics.text();
    expect(text).toMatch(/^towpath_retries_total\{handler="ScorePayment",reason="TIMEOUT"[^}]*\} 2$/m);
    expect(text).toMatch(/^towpath_group_duration_seconds_bucket\{[^}]*le="0.02"\} 1$/m);
    expect(text).toMatch(/^towpath_inbox_depth\{[^}]*\} 3$/m);
    expect(text).toMatch(/^target_info\{[^}]*service_name="fraud"/m);
  });

  it('shows a counter without labels before its first count, and no gauge that has no value', async () => {
    const metrics = new Metrics('cdc');
    metrics.counter('towpath_history_changes_total');
    metrics.gauge('towpath_relay_lag_seconds', () => undefined);
    const text = await metrics.text();
    expect(text).toMatch(/^towpath_history_changes_total\{[^}]*\} 0$/m);
    expect(text).not.toMatch(/^towpath_relay_lag_seconds/m);
  });

  it('reads gauges together, once for each time somebody asks', async () => {
    const metrics = new Metrics('fraud');
    let reads = 0;
    metrics.gauges(['towpath_held_messages', 'towpath_held_oldest_seconds'], async (observe) => {
      reads += 1;
      observe('towpath_held_messages', 2, { lane: 'inline' });
      observe('towpath_held_oldest_seconds', 9, { lane: 'inline' });
    });
    expect(reads).toBe(0);
    expect(await metrics.text()).toMatch(/^towpath_held_oldest_seconds\{lane="inline"[^}]*\} 9$/m);
    expect(reads).toBe(1);
  });
});
