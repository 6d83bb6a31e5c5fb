import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import type { Meter } from '@opentelemetry/api';

/** The service's metrics; names follow Prometheus: `towpath_` prefix, base units, `_total` on counters. */
export class Metrics {
  readonly meter: Meter;
  private readonly reader = new PrometheusExporter({ preventServerStart: true });
  private readonly serializer = new PrometheusSerializer(undefined, false);

  constructor(readonly service: string) {
    this.meter = new MeterProvider({ readers: [this.reader] }).getMeter('towpath');
  }

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    const { resourceMetrics } = await this.reader.collect();
    return this.serializer.serialize(resourceMetrics);
  }
}

/** What the pipeline counts. */
export class PipelineMetrics {
  private readonly processed;
  private readonly repeats;
  private readonly deadLetters;
  private readonly groupSize;
  private readonly groupSeconds;
  private readonly endToEndSeconds;

  constructor(metrics: Metrics) {
    const { meter } = metrics;
    this.processed = meter.createCounter('towpath_messages_processed', { description: 'messages decided' });
    this.repeats = meter.createCounter('towpath_messages_repeated', { description: 'messages seen before' });
    this.deadLetters = meter.createCounter('towpath_dead_letters', { description: 'messages given up' });
    this.groupSize = meter.createHistogram('towpath_group_messages', { description: 'messages in one commit' });
    this.groupSeconds = meter.createHistogram('towpath_group_duration_seconds', {
      description: 'from taking a group to its commit',
      advice: { explicitBucketBoundaries: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2] },
    });
    this.endToEndSeconds = meter.createHistogram('towpath_message_age_seconds', {
      description: 'from the message happening at its producer to its decision being committed',
      advice: { explicitBucketBoundaries: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 30] },
    });
  }

  group(messages: number, repeats: number, seconds: number): void {
    this.processed.add(messages);
    if (repeats > 0) this.repeats.add(repeats);
    this.groupSize.record(messages);
    this.groupSeconds.record(seconds);
  }

  age(type: string, seconds: number): void {
    this.endToEndSeconds.record(seconds, { type });
  }

  deadLetter(handler: string, reason: string): void {
    this.deadLetters.add(1, { handler, reason });
  }
}
