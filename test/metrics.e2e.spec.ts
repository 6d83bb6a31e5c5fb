import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { services } from '@towpath/contracts/topics';
import { METRICS, type MetricDefinition } from '@towpath/service-kit/metric-catalogue';
import { chargeSucceeded } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { effectsOf } from '@towpath/testing/outcomes';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';

jest.setTimeout(ATTACH_MS_MAX + 60_000);

/** What the platform starts. */
const running = services().filter(({ onDemand }) => !onDemand);
const SEEN_MS_MAX = 30_000;
const catalogue: Readonly<Record<string, MetricDefinition>> = METRICS;

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

describe('what the programs of a platform at work tell on /metrics', () => {
  const run = `metrics${randomBytes(4).toString('hex')}`;
  let platform: TestPlatform;
  let samples: ReadonlyMap<string, readonly Sample[]>;

  beforeAll(async () => {
    platform = await attachPlatform();
    const charge = chargeSucceeded({ id: run, customer: `cus_${run}` });
    await new Deliveries(platform).sendLikeStripe(charge.body);
    await untilEnough(
      () => effectsOf(platform.home, charge.paymentId),
      ({ length }) => length > 0,
      SEEN_MS_MAX,
    );
    // The effect is at the provider before its end is committed.
    samples = (
      await untilEnough(
        async () => [await readAll()],
        ([read]) => storiesOf(read!, 'egress', 'egress.v1.EffectConfirmed') > 0,
        SEEN_MS_MAX,
      )
    )[0]!;
  });

  afterAll(() => platform?.release());

  async function readAll(): Promise<Map<string, Sample[]>> {
    const read = new Map<string, Sample[]>();
    for (const { name } of running) {
      const port = platform.around.ports[name as keyof typeof platform.around.ports];
      const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) });
      read.set(name, (await answer.text()).split('\n').flatMap(sampleOf));
    }
    return read;
  }

  const storiesOf = (read: ReadonlyMap<string, readonly Sample[]>, service: string, type: string): number =>
    read
      .get(service)!
      .filter(({ name, labels }) => name === 'towpath_story_age_seconds_count' && labels['type'] === type)
      .reduce((sum, { value }) => sum + value, 0);

  it('has the names and labels of the catalogue, and no others', () => {
    for (const [service, told] of samples) {
      for (const { name, labels } of told) {
        const [, base = name] = /^(.+)_(?:bucket|sum|count)$/.exec(name) ?? [];
        const known = catalogue[name] ?? catalogue[base];
        expect([service, name, known?.kind]).not.toEqual([service, name, undefined]);
        const own = Object.keys(labels).filter((label) => label !== 'le' && !label.startsWith('otel_scope'));
        expect([service, name, own.sort()]).toEqual([service, name, [...known!.labels].sort()]);
      }
    }
  });

  it('is each metric without labels, from each program that has it', () => {
    const withStore = new Set(running.flatMap(({ name, store }) => (store ? [name] : [])));
    for (const [name, { of, labels, kind }] of Object.entries(catalogue)) {
      if (labels.length > 0 || kind === 'histogram') continue;
      const owners = running.flatMap((service) =>
        of === 'all' || of === service.name || (of === 'services' && withStore.has(service.name)) ? [service.name] : [],
      );
      for (const owner of owners)
        expect([owner, samples.get(owner)!.some((sample) => sample.name === name) ? name : 'missing']).toEqual([
          owner,
          name,
        ]);
    }
  });

  it('tells how old the story is at its decision and at its effect', () => {
    expect(storiesOf(samples, 'fraud', 'fraud.v1.PaymentApproved')).toBeGreaterThan(0);
    expect(storiesOf(samples, 'egress', 'egress.v1.EffectConfirmed')).toBeGreaterThan(0);
  });

  it('tells the lag of every service that reads topics, in messages and in seconds', () => {
    const told = samples.get('cdc')!;
    for (const { name: consumergroup, topics: consumes } of running.flatMap(({ consumers }) => consumers)) {
      if (consumes.length === 0) continue;
      const lags = told.filter(
        ({ name, labels }) => name === 'kafka_consumergroup_lag' && labels['consumergroup'] === consumergroup,
      );
      expect(lags.length).toBeGreaterThanOrEqual(1);
      const seconds = told.filter(
        ({ name, labels }) => name === 'towpath_consumer_lag_seconds' && labels['consumergroup'] === consumergroup,
      );
      expect(seconds.length).toBeGreaterThanOrEqual(1);
      expect(seconds.every(({ labels }) => consumes.includes(labels['topic']!))).toBe(true);
    }
  });

  it('says that the relay streams and is hardly behind', () => {
    const valueOf = (wanted: string): number => samples.get('cdc')!.find(({ name }) => name === wanted)!.value;
    expect(valueOf('towpath_relay_streaming')).toBe(1);
    expect(valueOf('towpath_relay_lag_seconds')).toBeLessThan(10);
    expect(valueOf('towpath_relay_slot_retained_bytes')).toBeGreaterThan(0);
  });
});

function sampleOf(line: string): Sample[] {
  const [, name, labels = '', value] = /^((?:towpath|kafka)_\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) return [];
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, text]) => [label!, text!] as const);
  return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
}
