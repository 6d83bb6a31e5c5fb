import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contractOf } from '@towpath/contracts/catalogue';
import { openInspector } from '@towpath/event-store/inspect';
import { projection } from '@towpath/event-store/projection';
import { setupDatabase } from '@towpath/event-store/setup';
import { createSpecDatabase, specEvent, type SpecDatabase } from '@towpath/event-store/spec-database';
import { KafkaAdmin } from '@towpath/kafka/admin';
import { createProducer } from '@towpath/kafka/producer';
import { brokers, outbound, silent, uniqueTopic } from '@towpath/kafka/testing/broker-fixture';
import { check } from './check.js';
import type { Verdict } from './evidence.js';

const ROUTED = 'triage.v1.DeliveryRouted';
const RESERVED = 'egress.v1.EffectReserved';
const CONFIRMED = 'egress.v1.EffectConfirmed';

const reservations = projection<{ n: number }>({
  name: 'reservations',
  keysOf: ({ type, data }) => (type === RESERVED ? [(data as { effectId: string }).effectId] : []),
  evolve: (row) => ({ n: (row?.n ?? 0) + 1 }),
});

/** Everything that a run leaves behind, small: deliveries that were routed, effects that were confirmed, their records. */
class Remains {
  readonly accepted = [1, 2].map((n) => ({ deliveryId: `d${n}`, accepts: 1, paymentId: null }));
  readonly lines = [1, 2].map((n) => ({
    action: 'capture',
    subject: `pi_${n}`,
    idempotencyKey: `k${n}`,
    outcome: 'acted',
  }));
  private readonly folder = mkdtempSync(join(tmpdir(), 'towpath-checker-'));

  private constructor(
    readonly database: SpecDatabase,
    readonly topic: string,
  ) {}

  static async create(): Promise<Remains> {
    const database = await createSpecDatabase();
    const contracts = [ROUTED, RESERVED, CONFIRMED].map((type) => ({
      ...contractOf(type),
      producers: [database.service],
    }));
    await setupDatabase({ ...database.setup, contracts });
    const remains = new Remains(database, await uniqueTopic(1));
    for (const n of [1, 2]) {
      await remains.append(`delivery-d${n}`, [ROUTED, { deliveryId: `d${n}` }]);
      const reserved = { effectId: `e${n}`, idempotencyKey: `k${n}`, provider: 'stripe' };
      await remains.append(`effect-e${n}`, [RESERVED, reserved], [CONFIRMED, { effectId: `e${n}` }]);
      await database.admin(
        `insert into ${database.service}.projections (name, key, version, state) values ($1, $2, 1, $3)`,
        ['reservations', `e${n}`, { n: 1 }],
      );
    }
    return remains;
  }

  /** Sends what the relay would, but for those of the streams that are left out. */
  async publish(leftOut: (stream: string, version: number) => boolean = () => false): Promise<void> {
    const { service, admin } = this.database;
    const rows = await admin(
      `select id, stream, version::int as version, type from ${service}.events where kind <> 'internal' order by position`,
    );
    const producer = await createProducer({ brokers: brokers(), clientId: 'spec', logger: silent });
    const wanted = rows.filter(({ stream, version }) => !leftOut(String(stream), Number(version)));
    await producer.send(
      wanted.map(({ id, stream, version, type }) => {
        const { headers, ...record } = outbound(this.topic, String(stream), 'x', String(type));
        const place = { ce_source: `/services/${service}`, ce_stream: String(stream), ce_sequence: String(version) };
        return { ...record, headers: { ...headers, ...place, ce_id: String(id) } };
      }),
    );
    await producer.close();
  }

  /** Runs a statement by somebody with all rights. */
  async tamper(text: string): Promise<void> {
    const { service, admin } = this.database;
    await admin(`alter table ${service}.events disable trigger all`);
    await admin(text.replace('$', service));
    await admin(`alter table ${service}.events enable trigger all`);
  }

  /** What the checker finds, by invariant. */
  async violations(): Promise<Record<string, Verdict>> {
    const sandboxLog = join(this.folder, 'effects.jsonl');
    writeFileSync(sandboxLog, this.lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const inspector = openInspector({ url: this.database.urlAs('towpath_reader') });
    const { accepted, topic } = this;
    const projections = new Map([[this.database.service, [reservations]]]);
    const evidence = { accepted, sandboxLog, inspector, brokers: brokers(), topics: [topic], projections };
    const verdicts = await check({ ...evidence, injected: new Set() }, () => undefined);
    await inspector.close();
    return Object.fromEntries(verdicts.filter(({ violations }) => violations > 0).map((one) => [one.invariant, one]));
  }

  async drop(): Promise<void> {
    rmSync(this.folder, { recursive: true });
    await this.database.drop();
  }

  private async append(stream: string, ...events: [type: string, data: object][]): Promise<void> {
    await this.database.store.append(
      events.map(([type, data], index) => ({
        ...specEvent(stream, index === 0 ? 0 : null, data),
        id: randomUUID(),
        type,
      })),
    );
  }
}

describe('the checker', () => {
  let remains: Remains;
  beforeAll(async () => {
    const admin = await KafkaAdmin.connect({ brokers: brokers(), clientId: 'spec', logger: silent });
    await admin.createTopics();
    await admin.close();
  }, 30_000);
  beforeEach(async () => {
    remains = await Remains.create();
  }, 60_000);
  afterEach(() => remains?.drop());

  it('is content with what a sound run leaves behind', async () => {
    await remains.publish();
    expect(await remains.violations()).toEqual({});
  }, 60_000);

  it('finds everything that was planted at once, each by its invariant', async () => {
    await remains.publish((stream, version) => stream === 'effect-e2' && version === 2);
    await remains.tamper("delete from $.events where stream = 'delivery-d2'");
    await remains.tamper(
      `update $.events set data = '{"effectId": "e1", "forged": true}' where type = '${CONFIRMED}' and stream = 'effect-e1'`,
    );
    await remains.tamper("update $.projections set state = '{\"n\": 7}' where key = 'e2'");
    remains.lines.push({ ...remains.lines[0]!, idempotencyKey: 'k1-again' });
    const found = await remains.violations();
    const { service } = remains.database;
    expect(Object.fromEntries(Object.entries(found).map(([name, { samples }]) => [name, samples]))).toEqual({
      'I1 each accepted delivery has one outcome': ['delivery d2 has 0 outcomes'],
      'I2 at most one effect per key': ['k1-again was acted on and never reserved', 'capture pi_1 was done 2 times'],
      'I3 each stream is gap-free and in order on its topic': [expect.stringContaining('effect-e2')],
      'I4 the chain of each stream follows from its events': [
        `${service} effect-e1 version 2: the content is not what was hashed`,
        `${service} effect-e1 version 2: the link is broken`,
      ],
      'I4 verify finds nothing': [expect.stringMatching(/^content .* effect-e1 version 2/)],
      [`I6 projections of ${service} are a replay of its events`]: [
        expect.stringContaining('reservations/e2: kept {"n":7}'),
      ],
    });
  }, 60_000);
});
