import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '@towpath/contracts/topics';
import { METRICS, type MetricDefinition } from '@towpath/service-kit/metric-catalogue';
import { parse } from 'yaml';
import { askedIn } from './promql.fixture.js';
import { alerts, queries } from './queries.fixture.js';

const root = join(import.meta.dirname, '../..');
const catalogue: Readonly<Record<string, MetricDefinition>> = METRICS;
/** What Prometheus itself puts on every series of a target. */
const TARGET_LABELS = ['job', 'instance'];

/** The labels of a series by its name; undefined when no program tells such a one. */
function labelsOf(series: string): readonly string[] | undefined {
  if (series === 'up') return TARGET_LABELS;
  const plain = catalogue[series];
  if (plain && plain.kind !== 'histogram') return [...plain.labels, ...TARGET_LABELS];
  const [, base = '', part] = /^(.+)_(bucket|sum|count)$/.exec(series) ?? [];
  const histogram = catalogue[base];
  if (histogram?.kind !== 'histogram') return undefined;
  return [...histogram.labels, ...TARGET_LABELS, ...(part === 'bucket' ? ['le'] : [])];
}

/** What a query asks for that is not there. */
function faultsOf(query: string, shown: readonly string[] = []): string[] {
  const asked = askedIn(query);
  const faults = asked.flatMap(({ metric, labels }) => {
    const known = labelsOf(metric);
    if (!known) return [`no metric ${metric}`];
    return labels.filter((label) => !known.includes(label)).map((label) => `${metric} has no label ${label}`);
  });
  const kept = asked.flatMap(({ metric, labels, isAggregated }) => (isAggregated ? labels : (labelsOf(metric) ?? [])));
  return [
    ...faults,
    ...shown.filter((label) => !kept.includes(label)).map((label) => `the result has no label ${label}`),
  ];
}

describe('the queries of dashboards and alerts', () => {
  it.each(queries())('ask only for metrics and labels that programs tell: $where', ({ query, shown }) => {
    expect(faultsOf(query, shown)).toEqual([]);
  });

  it('would be found out when they did not', () => {
    expect(faultsOf('sum(towpath_nothing_total)')).toEqual(['no metric towpath_nothing_total']);
    expect(faultsOf('towpath_held_messages{line="x"}')).toEqual(['towpath_held_messages has no label line']);
    expect(faultsOf('sum by (le) (towpath_group_messages_sum)')).toEqual([
      'towpath_group_messages_sum has no label le',
    ]);
    expect(faultsOf('max by (job) (towpath_ready)', ['lane'])).toEqual(['the result has no label lane']);
    expect(() => faultsOf('sum(')).toThrow('PROMQL_INVALID');
  });
});

describe('Prometheus', () => {
  it('reads every program, under its name, at an address of the compose file', () => {
    const read = (path: string): unknown => parse(readFileSync(join(root, path), 'utf8'), { merge: true });
    const { scrape_configs: jobs } = read('infra/prometheus/prometheus.yml') as { scrape_configs: Job[] };
    const compose = read('docker-compose.yml') as { services: Record<string, unknown> };
    expect(jobs.map(({ job_name }) => job_name).sort()).toEqual(
      services()
        .filter(({ onDemand }) => !onDemand)
        .map(({ name }) => name)
        .sort(),
    );
    const hosts = jobs
      .flatMap((job) => job.static_configs.flatMap(({ targets }) => targets))
      .map((one) => one.split(':')[0]!);
    expect(hosts.filter((host) => !(host in compose.services))).toEqual([]);
  });
});

interface Job {
  readonly job_name: string;
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}

describe('the alerts', () => {
  it('are at least one for each guarantee', () => {
    const guarantees = alerts().flatMap(({ labels }) => labels['guarantee'] ?? []);
    expect([...new Set(guarantees)].sort()).toEqual(['G1', 'G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8']);
  });

  it('each say what is wrong, how bad it is, and where to read on', () => {
    const sections = readFileSync(join(root, 'docs/how-to/alerts.md'), 'utf8').matchAll(/^## (\w+)$/gm);
    const described = [...sections].map(([, name]) => name);
    for (const { alert, labels, annotations } of alerts()) {
      expect(labels['severity']).toMatch(/^(page|ticket)$/);
      expect(annotations['summary']).toMatch(/^[A-Z].*[^.]$/);
      expect(annotations['description']).toMatch(/^[A-Z{].*\.$/);
      expect(annotations['runbook_url']).toBe(`docs/how-to/alerts.md#${alert.toLowerCase()}`);
    }
    expect(described).toEqual(alerts().map(({ alert }) => alert));
  });
});
