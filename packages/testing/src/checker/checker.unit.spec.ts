import { createHash } from 'node:crypto';
import { projection } from '@towpath/event-store/projection';
import { digestOf, firstLink, nextLink } from '@towpath/event-store/chain';
import type { Metadata } from '@towpath/event-store/types';
import { Bounds } from './bounds.js';
import { ChainLinks } from './chain-links.js';
import { EffectsOnce } from './effects-once.js';
import type { Accepted, EventRow, Verdict } from './evidence.js';
import { OneOutcome } from './one-outcome.js';
import { Recoveries } from './recoveries.js';
import { ReplayedProjections } from './replayed-projections.js';
import { StreamOrder } from './stream-order.js';

const metadata: Metadata = { correlationId: 'story', causationId: 'cause', hops: 1, handler: 'SomeHandler' };
let position = 0;

/** Rows of one stream as the product stores them: sealed and linked. */
function rowsOf(stream: string, events: readonly { type: string; kind?: string; data: object }[]): EventRow[] {
  let link = firstLink(stream);
  return events.map(({ type, kind = 'event', data }, index) => {
    position += 1;
    const id = `00000000-0000-4000-8000-${String(position).padStart(12, '0')}`;
    const occurredAt = new Date(1_700_000_000_000 + position);
    const digest = digestOf({ id, stream, type, data, metadata, occurredAt });
    link = nextLink(link, index + 1, digest);
    return {
      position: String(position),
      stream,
      version: String(index + 1),
      id,
      type,
      kind,
      data: data as EventRow['data'],
      metadata,
      digest,
      hash: link,
      occurred_at: occurredAt,
    };
  });
}

const found = ({ violations, samples }: Verdict): [number, string | undefined] => [violations, samples[0]];

describe('I1: one outcome for each accepted delivery', () => {
  const accepted: Accepted[] = [{ deliveryId: 'd1', accepts: 2, paymentId: 'pi_1' }];
  const routed = { type: 'triage.v1.DeliveryRouted', data: { deliveryId: 'd1' } };
  const charge = { type: 'payments.v1.ChargeSucceeded', data: { paymentId: 'pi_1' } };
  const approved = { type: 'fraud.v1.PaymentApproved', data: { paymentId: 'pi_1' } };

  function verdictOf(events: readonly { type: string; data: object }[], { repeats = 1, reached = true } = {}): Verdict {
    const outcome = new OneOutcome();
    const rows = rowsOf('any', [...events, { ...charge, data: { paymentId: 'pi_0' } }]);
    for (const row of rows) outcome.event(row);
    outcome.inbox({ service: 'triage', eventId: 'd1', repeats });
    for (const row of rows.filter(({ type }) => type === charge.type)) {
      const isOther = row.data['paymentId'] === 'pi_0';
      if (reached || isOther) outcome.inbox({ service: 'fraud', eventId: row.id, repeats: 0 });
    }
    return outcome.verdict(accepted);
  }

  it('is content with a delivery that was routed and decided once, its repeat counted', () => {
    expect(found(verdictOf([routed, charge, approved]))).toEqual([0, undefined]);
  });
  it('finds a lost delivery', () => {
    expect(found(verdictOf([charge, approved]))).toEqual([1, 'delivery d1 has 0 outcomes']);
  });
  it('finds an outcome that was recorded twice', () => {
    expect(found(verdictOf([routed, routed, charge, approved]))).toEqual([1, 'delivery d1 has 2 outcomes']);
  });
  it('finds a payment without decision, and one with two', () => {
    expect(found(verdictOf([routed, charge]))).toEqual([1, 'payment pi_1 has 0 decisions']);
    expect(found(verdictOf([routed, charge, approved, approved]))).toEqual([1, 'payment pi_1 has 2 decisions']);
  });
  it('finds a message that was lost between two services', () => {
    const [violations, sample] = found(verdictOf([routed, charge, approved], { reached: false }));
    expect(violations).toBe(1);
    expect(sample).toMatch(/^payments\.v1\.ChargeSucceeded .* never reached fraud$/);
  });
  it('finds a repeat that nobody linked to the first', () => {
    expect(verdictOf([routed, charge, approved], { repeats: 0 }).violations).toBe(1);
  });
  it('counts a dead letter as the one outcome', () => {
    const letter = { type: 'platform.v1.DeadLettered', data: { originEventId: 'd1' } };
    expect(found(verdictOf([letter, charge, approved]))).toEqual([0, undefined]);
  });
});

describe('I2 and I5: effects', () => {
  const reserved = {
    type: 'egress.v1.EffectReserved',
    data: { effectId: 'e1', idempotencyKey: 'k1', provider: 'stripe' },
  };
  const confirmed = { type: 'egress.v1.EffectConfirmed', data: { effectId: 'e1' } };
  const acted = { action: 'capture', subject: 'pi_1', idempotencyKey: 'k1', outcome: 'acted' };

  function verdictsOf(events: readonly { type: string; data: object }[], lines: readonly (typeof acted)[]): number[] {
    const effects = new EffectsOnce();
    for (const row of rowsOf('effect-e1', events)) effects.event(row);
    for (const line of lines) effects.line(line);
    return effects.verdicts().map(({ violations }) => violations);
  }

  it('is content with one act for a confirmed effect, and its replayed repeat', () => {
    expect(verdictsOf([reserved, confirmed], [acted, { ...acted, outcome: 'replayed' }])).toEqual([0, 0]);
  });
  it('finds an act that was done twice under one key', () => {
    expect(verdictsOf([reserved, confirmed], [acted, acted])[0]).toBe(2);
  });
  it('finds a second capture of a payment under another key', () => {
    const other = { type: reserved.type, data: { ...reserved.data, effectId: 'e2', idempotencyKey: 'k2' } };
    const [once] = verdictsOf([reserved, other, confirmed], [acted, { ...acted, idempotencyKey: 'k2' }]);
    expect(once).toBe(1);
  });
  it('finds an act that nobody reserved', () => {
    expect(verdictsOf([], [acted])[0]).toBe(1);
  });
  it('finds an effect that never ended, and one that is called confirmed and was not done', () => {
    expect(verdictsOf([reserved], [])[1]).toBe(1);
    expect(verdictsOf([reserved, confirmed], [])[1]).toBe(1);
  });
});

describe('I3: order on the topics', () => {
  const rows = rowsOf('payment-1', [
    { type: 'payments.v1.ChargeSucceeded', data: {} },
    { type: 'triage.v1.ChargeLinked', kind: 'internal', data: {} },
    { type: 'payments.v1.PaymentCaptured', data: {} },
    { type: 'payments.v1.PaymentRefunded', data: {} },
  ]);
  const recordOf = (row: EventRow, partition = 0) => ({
    topic: 'payments.events',
    partition,
    headers: {
      ce_source: '/services/triage',
      ce_stream: row.stream,
      ce_sequence: row.version,
      ce_id: row.id,
    },
  });
  const published = rows.filter(({ kind }) => kind !== 'internal').map((row) => recordOf(row));
  const [first, second, third] = published as [(typeof published)[0], (typeof published)[0], (typeof published)[0]];

  function violationsOf(records: readonly (typeof published)[0][]): number {
    const order = new StreamOrder();
    for (const row of rows) order.event('triage', row);
    for (const record of records) order.record(record);
    return order.verdict().violations;
  }

  it('is content with the published ones in order, repeats among them', () => {
    expect(violationsOf([first, second, first, second, third])).toBe(0);
  });
  it('finds a gap', () => {
    expect(violationsOf([first, third])).toBe(1);
  });
  it('finds what came too early', () => {
    expect(violationsOf([second, first, third])).toBeGreaterThan(0);
  });
  it('finds a message that is on no topic', () => {
    expect(violationsOf([first, second])).toBe(1);
  });
  it('finds a repeat with another id, and a record of no store', () => {
    expect(violationsOf([first, { ...first, headers: { ...first.headers, ce_id: 'x' } }, second, third])).toBe(1);
    expect(violationsOf([first, second, third, { ...first, headers: { ...first.headers, ce_sequence: '9' } }])).toBe(1);
  });
  it('finds a stream that moved to another partition', () => {
    expect(violationsOf([first, second, { ...third, partition: 1 }])).toBe(1);
  });
});

describe('I4: the chain', () => {
  const events = [1, 2, 3].map((n) => ({
    type: 'any.v1.Any',
    data: { n, text: 'ä€\u0001', nested: { b: [1.5], a: null } },
  }));
  const violationsOf = (rows: readonly EventRow[]): number => {
    const chain = new ChainLinks();
    for (const row of rows) chain.event('triage', row);
    return chain.verdict().violations;
  };
  const changed = (at: number, fields: Partial<EventRow>): EventRow[] =>
    rowsOf('any-1', events).map((row, index) => (index === at ? { ...row, ...fields } : row));

  it('agrees with what the product computed', () => {
    expect(violationsOf(rowsOf('any-1', events))).toBe(0);
  });
  it.each<[string, EventRow[]]>([
    ['a changed value', changed(1, { data: { n: 2, text: 'other' } })],
    ['a changed digest', changed(1, { digest: createHash('sha256').update('x').digest() })],
    ['a changed time', changed(1, { occurred_at: new Date(0) })],
    ['a changed link', changed(2, { hash: createHash('sha256').update('x').digest() })],
    ['a missing row', rowsOf('any-1', events).filter((_, index) => index !== 1)],
    ['two rows in the wrong order', rowsOf('any-1', events).toSorted((a, b) => Number(b.version) - Number(a.version))],
  ])('finds %s', (_name, rows) => {
    expect(violationsOf(rows)).toBeGreaterThan(0);
  });
});

describe('I6: projections', () => {
  const counts = projection<{ n: number }>({
    name: 'counts',
    keysOf: ({ data }) => [(data as { key: string }).key],
    evolve: (row) => ({ n: (row?.n ?? 0) + 1 }),
  });
  const events = ['a', 'b', 'a'].map((key) => ({ type: 'any.v1.Any', data: { key } }));
  const violationsOf = (rows: readonly { key: string; state: unknown }[]): number => {
    const replay = new ReplayedProjections('fraud', [counts]);
    for (const row of rowsOf('any-1', events)) replay.event(row);
    for (const row of rows) replay.row({ name: 'counts', ...row });
    return replay.verdict().violations;
  };

  it('is content with rows that a replay gives', () => {
    expect(
      violationsOf([
        { key: 'a', state: { n: 2 } },
        { key: 'b', state: { n: 1 } },
      ]),
    ).toBe(0);
  });
  it('finds a row that diverged, one that is missing and one too many', () => {
    expect(
      violationsOf([
        { key: 'a', state: { n: 3 } },
        { key: 'b', state: { n: 1 } },
      ]),
    ).toBe(1);
    expect(violationsOf([{ key: 'a', state: { n: 2 } }])).toBe(1);
    expect(
      violationsOf([
        { key: 'a', state: { n: 2 } },
        { key: 'b', state: { n: 1 } },
        { key: 'c', state: { n: 1 } },
      ]),
    ).toBe(1);
  });
});

describe('I7: bounds', () => {
  it('is content with what stays within its bound, and remembers the highest', () => {
    const bounds = new Bounds();
    for (const value of [10, 90, 20]) bounds.sample('fraud memory', value, 100);
    bounds.sample('egress memory', 40, 100);
    expect(found(bounds.verdict())).toEqual([0, undefined]);
    expect(bounds.highestOf(' memory')).toBe(90);
  });
  it('finds what was above its bound once, though it came down again', () => {
    const bounds = new Bounds();
    for (const value of [10, 101, 20]) bounds.sample('fraud memory', value, 100);
    expect(found(bounds.verdict())).toEqual([1, 'fraud memory was 101, allowed 100']);
  });
  it('finds that nothing was sampled', () => {
    expect(new Bounds().verdict().violations).toBe(1);
  });
});

describe('I8: progress after each blow', () => {
  const recoveriesOf = (...ms: (number | undefined)[]): Recoveries => {
    const recoveries = new Recoveries('kill');
    for (const one of ms) recoveries.add({ blow: 'SIGKILL triage', ms: one, msMax: 5_000 });
    return recoveries;
  };

  it('is content with progress in time, and tells the longest by kind of blow', () => {
    const recoveries = recoveriesOf(300, 5_000, 20);
    expect(found(recoveries.verdict())).toEqual([0, undefined]);
    expect([recoveries.msMax(), recoveries.byBlow()]).toEqual([
      5_000,
      { 'SIGKILL triage': { times: 3, msMax: 5_000 } },
    ]);
  });
  it('finds progress that came late and progress that never came', () => {
    expect(found(recoveriesOf(5_001).verdict())).toEqual([
      1,
      'SIGKILL triage: progress after 5001 ms, allowed 5000 ms',
    ]);
    expect(found(recoveriesOf(undefined).verdict())).toEqual([1, 'SIGKILL triage: no progress, allowed 5000 ms']);
    expect(recoveriesOf(7, undefined).byBlow()).toEqual({ 'SIGKILL triage': { times: 2, msMax: null } });
  });
});
