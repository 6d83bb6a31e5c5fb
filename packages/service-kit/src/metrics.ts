import type { BatchObservableCallback, Meter, ObservableGauge } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import {
  METRICS,
  type LabelArguments,
  type MetricDefinition,
  type MetricName,
  type NameOf,
} from './metric-catalogue.js';

export interface Counter<Name extends NameOf<'counter'>> {
  add(count: number, ...labels: LabelArguments<Name>): void;
}

export interface Histogram<Name extends NameOf<'histogram'>> {
  record(value: number, ...labels: LabelArguments<Name>): void;
}

/** Tells the value that a gauge has now. */
export type Observe<Names extends NameOf<'gauge'>> = <Name extends Names>(
  name: Name,
  value: number,
  ...labels: LabelArguments<Name>
) => void;

/** Gauges are asked when somebody reads the metrics; a dependency that is away must not hold up the others. */
const COLLECT_MS_MAX = 5_000;

/** The program's metrics: those of the catalogue, and no others. */
export class Metrics {
  private readonly meter: Meter;
  private readonly reader = new PrometheusExporter({ preventServerStart: true });
  private readonly serializer = new PrometheusSerializer(undefined, false);

  constructor(readonly service: string) {
    const resource = resourceFromAttributes({ 'service.namespace': 'towpath', 'service.name': service });
    this.meter = new MeterProvider({ resource, readers: [this.reader] }).getMeter('towpath');
  }

  counter<Name extends NameOf<'counter'>>(name: Name): Counter<Name> {
    const counter = this.meter.createCounter(name.slice(0, -'_total'.length), described(name));
    // Without labels it is there from the start: a first increase is seen only between two readings.
    if (METRICS[name].labels.length === 0) counter.add(0);
    return { add: (count, labels?: Record<string, string>) => counter.add(count, labels) };
  }

  histogram<Name extends NameOf<'histogram'>>(name: Name): Histogram<Name> {
    const { buckets }: MetricDefinition = METRICS[name];
    const advice = buckets && { advice: { explicitBucketBoundaries: [...buckets] } };
    const histogram = this.meter.createHistogram(name, { ...described(name), ...advice });
    return { record: (value, labels?: Record<string, string>) => histogram.record(value, labels) };
  }

  /** A gauge without labels; `read` gives its value, or undefined when it has none now. */
  gauge(name: NameOf<'gauge'>, read: () => number | undefined): void {
    this.meter.createObservableGauge(name, described(name)).addCallback((result) => {
      const value = read();
      if (value !== undefined) result.observe(value);
    });
  }

  /** Gauges that are read together. `read` is asked whenever somebody reads the metrics, and never otherwise. */
  gauges<Name extends NameOf<'gauge'>>(
    names: readonly Name[],
    read: (observe: Observe<Name>) => void | Promise<void>,
  ): void {
    const made = new Map<string, ObservableGauge>();
    for (const name of names) made.set(name, this.meter.createObservableGauge(name, described(name)));
    const callback: BatchObservableCallback = (result) =>
      read((name, value, labels?: Record<string, string>) => result.observe(made.get(name)!, value, labels));
    this.meter.addBatchObservableCallback(callback, [...made.values()]);
  }

  /** All metrics in Prometheus' text format. */
  async text(): Promise<string> {
    const { resourceMetrics } = await this.reader.collect({ timeoutMillis: COLLECT_MS_MAX });
    return this.serializer.serialize(resourceMetrics);
  }
}

function described(name: MetricName): { description: string } {
  return { description: METRICS[name].help };
}
