import { randomBytes } from 'node:crypto';
import { jest } from '@jest/globals';
import { localServices } from '@towpath/cli/local/service-environment';
import { schemaOf } from '@towpath/event-store/names';
import { chargeSucceeded } from '@towpath/testing/charges';
import { Deliveries } from '@towpath/testing/deliveries';
import { ATTACH_MS_MAX, attachPlatform, type TestPlatform } from '@towpath/testing/platform-fixture';
import { untilEnough } from '@towpath/testing/until';

const STOPPED_MS_MAX = 5_000;
const SEEN_MS_MAX = 30_000;

jest.setTimeout(120_000);

const run = `stop${randomBytes(4).toString('hex')}`;
let platform: TestPlatform;

beforeAll(async () => {
  platform = await attachPlatform();
}, ATTACH_MS_MAX);

afterAll(() => platform?.release());

describe('an agent that a person kills', () => {
  it('is known as killed to every service within 5 s, by that person’s word', async () => {
    const agent = `spec-${run}`;
    const started = localServices.map(({ name }) => schemaOf(name));
    const stores = (await platform.inspector.schemas()).filter((schema) => started.includes(schema));
    const startedAt = performance.now();
    expect(await new Deliveries(platform).sendCommand('KillAgent', { agent, reason: 'a spec' }, `cmd_${run}`)).toBe(
      202,
    );
    const switched = async () =>
      (await platform.inspector.recent({ type: 'platform.v1.AgentSwitched', limit: 100 })).filter(
        ({ data }) => (data as { agent?: string }).agent === agent,
      );
    const events = await untilEnough(switched, ({ length }) => length >= stores.length, STOPPED_MS_MAX, 50);
    expect(performance.now() - startedAt).toBeLessThan(STOPPED_MS_MAX);
    expect(events.map(({ schema }) => schema).sort()).toEqual(stores.sort());
    for (const { data, metadata } of events) {
      expect(data).toMatchObject({ agent, from: 'running', to: 'killed', actor: 'local' });
      expect(metadata.taint).toBe('endorsed');
    }
    const row = await platform.inspector.projectionRow('egress', 'agent-switches', agent);
    expect(row).toMatchObject({ state: 'killed', reason: 'a spec' });
  });
});

describe('the label of a delivery', () => {
  it('goes with all that comes of it, through every service to the effect', async () => {
    const { body } = chargeSucceeded({ id: run, customer: `cus_${run}` });
    await new Deliveries(platform).sendLikeStripe(body);
    const reserved = () =>
      platform.inspector.query<{ story: string }>(
        `select metadata ->> 'correlationId' as story from egress.events
         where type = 'egress.v1.EffectReserved' and data ->> 'subjectId' = $1`,
        [`pi_${run}`],
      );
    const [effect] = await untilEnough(reserved, ({ length }) => length > 0, SEEN_MS_MAX, 50);
    const events = await platform.inspector.eventsByCorrelation(effect!.story);
    expect(new Set(events.map(({ schema }) => schema)).size).toBeGreaterThanOrEqual(3);
    expect(events.map(({ type, metadata }) => [type, metadata.taint])).toEqual(
      events.map(({ type }) => [type, 'provider']),
    );
  });
});
