import { createHash } from 'node:crypto';
import { encode } from '@towpath/contracts/codec';
import { streamOf } from '@towpath/contracts/contract';
import { fold, type Aggregate } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';
import type { DecisionState } from '@towpath/service-kit/handles';
import type { Emission } from '@towpath/service-kit/message';
import fc from 'fast-check';
import { RouteDelivery } from './route-delivery.handler.js';
import type { Delivered } from './taxonomy/taxonomy.js';

const hash = (value: string): string => createHash('sha256').update(value).digest('hex').slice(0, 32);

/** The handler with a store of its own: what it appends is what the next delivery finds. */
class Triage {
  readonly appended: DomainEvent[] = [];
  private readonly handler = new RouteDelivery({ lookupHash: hash });

  deliver(delivery: Delivered): readonly Emission[] {
    const state: DecisionState = {
      now: new Date(0),
      of: <State>(aggregate: Aggregate<State>, key: string) =>
        fold(
          aggregate,
          this.appended.filter(({ stream }) => stream === aggregate.of(key)),
        ),
      row: () => undefined,
    };
    expect(this.handler.reads(delivery).streams).toContain(`delivery-${delivery.id}`);
    const emissions: readonly Emission[] = this.handler.handle(delivery, state);
    for (const { contract, data } of emissions) {
      encode(contract, data);
      const metadata = { correlationId: '', causationId: '', hops: 1, handler: '' };
      const event = { id: '', type: contract.type, data, metadata, occurredAt: new Date(0) };
      this.appended.push({ ...event, stream: streamOf(contract, data) });
    }
    return emissions;
  }

  /** Names and data of what was sent to the domain. */
  of(stream: string): [string, Record<string, unknown>][] {
    const own = this.appended.filter((event) => event.stream === stream);
    return own.map(({ type, data }) => [type.split('.')[2]!, data as Record<string, unknown>]);
  }
}

function delivered(id: string, body: object, more: Partial<Delivered['data']> = {}): Delivered {
  const bytes = Buffer.from(JSON.stringify(body));
  const data = {
    deliveryId: id,
    objectId: 'o',
    source: 'stripe',
    provider: 'stripe',
    scheme: 'stripe',
    signedId: id,
    actor: null,
    role: null,
    remoteIp: '127.0.0.1',
    receivedAt: 1_700_000_000_000,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    body: bytes,
    ...more,
  };
  const story = { correlationId: id, causationId: null, hops: 0, path: [], traceparent: null };
  const about = {
    type: 'webhooks.v1.WebhookReceived' as const,
    subject: 'o',
    source: '/services/ingress',
    time: new Date(0),
  };
  return { id, data, ...about, ...story };
}

const stripe = (type: string, object: object, id = 'evt_1') => ({ id, type, created: 1_700_000_000, data: { object } });
const charge = { id: 'ch_1', object: 'charge', amount: 500, currency: 'eur', created: 1_700_000_000 };
const names = (emissions: readonly Emission[]): string[] => emissions.map(({ contract }) => contract.name);

describe('route a delivery', () => {
  it('records an unknown or ignored type instead of dropping it', () => {
    const triage = new Triage();
    expect(names(triage.deliver(delivered('d1', stripe('coupon.created', { id: 'c' }))))).toEqual([
      'DeliveryUnrouted',
      'DeliveryBytesKept',
    ]);
    triage.deliver(delivered('d2', stripe('charge.updated', charge)));
    triage.deliver(delivered('d3', stripe('constructor', charge)));
    expect(['d1', 'd2', 'd3'].map((id) => triage.of(`delivery-${id}`)[0]?.[1]['reason'])).toEqual([
      'UNKNOWN_TYPE',
      'IGNORED_TYPE',
      'UNKNOWN_TYPE',
    ]);
  });

  it('keeps the bytes as they came in, and their hash in the first event', () => {
    const triage = new Triage();
    const delivery = delivered('d1', stripe('charge.succeeded', { ...charge, payment_intent: 'pi_1' }));
    triage.deliver(delivery);
    const [[, outcome], [, kept]] = triage.of('delivery-d1') as [
      [string, Record<string, unknown>],
      [string, Record<string, unknown>],
    ];
    expect(outcome['sha256']).toBe(delivery.data.sha256);
    expect(Buffer.from(kept['body'] as string).equals(delivery.data.body)).toBe(true);
    expect(kept['owner']).toBe('guest_pi_1');
  });

  it('answers a repeat with nothing and the same id with other bytes with a recorded refusal', () => {
    const triage = new Triage();
    const first = delivered('d1', stripe('charge.succeeded', { ...charge, payment_intent: 'pi_1' }));
    triage.deliver(first);
    expect(triage.deliver(first)).toEqual([]);
    const other = delivered('d1', stripe('charge.succeeded', { ...charge, payment_intent: 'pi_1', amount: 501 }));
    expect(triage.deliver(other)).toMatchObject([
      { contract: { name: 'DeliveryRefused' }, data: { code: 'ID_REUSED' } },
    ]);
  });

  it.each([
    ['EUR', 500, 500],
    ['JPY', 500, 500],
    ['KWD', 5000, 5000],
    ['ISK', 50_000, 500],
    ['UGX', 50_000, 500],
  ])('reads amounts of %s in the minor units of ISO 4217', (currency, amount, minor) => {
    const triage = new Triage();
    triage.deliver(
      delivered('d1', stripe('charge.succeeded', { ...charge, currency: currency.toLowerCase(), amount })),
    );
    expect(triage.of('payment-ch_1')[0]?.[1]).toMatchObject({ amountMinor: minor, currency });
  });

  it.each([
    ['a fraction', { amount: 1.5 }],
    ['a negative amount', { amount: -1 }],
    ['no currency', { currency: null }],
    ['a text as amount', { amount: '500' }],
  ])('refuses %s with a reason, and loses nothing', (_name, wrong) => {
    const triage = new Triage();
    triage.deliver(delivered('d1', stripe('charge.succeeded', { ...charge, ...wrong })));
    expect(triage.of('delivery-d1').map(([name]) => name)).toEqual(['DeliveryRefused', 'DeliveryBytesKept']);
  });

  it('never takes an unknown fact for a known one', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', stripe('charge.succeeded', { ...charge, outcome: { risk_level: 'not_assessed' } })));
    expect(triage.of('payment-ch_1')[0]?.[1]).toMatchObject({ riskLevel: null, ipHash: null, customerCreatedAt: null });
  });

  it('feeds all deliveries of one payment into one payment, in any order and repeated', () => {
    const bodies = [
      stripe('charge.succeeded', { ...charge, payment_intent: 'pi_1', customer: 'cus_1' }, 'evt_charge'),
      stripe(
        'payment_intent.succeeded',
        {
          id: 'pi_1',
          object: 'payment_intent',
          amount: 500,
          amount_received: 500,
          currency: 'eur',
          latest_charge: 'ch_1',
        },
        'evt_intent',
      ),
      stripe(
        'charge.dispute.created',
        { id: 'dp_1', object: 'dispute', charge: 'ch_1', amount: 500, currency: 'eur', reason: 'fraudulent' },
        'evt_dispute',
      ),
      stripe(
        'charge.refund.updated',
        { id: 're_1', object: 'refund', charge: 'ch_1', amount: 500, currency: 'eur' },
        'evt_refund',
      ),
    ];
    const order = fc.shuffledSubarray([0, 1, 2, 3, 0, 1, 2, 3], { minLength: 8 });
    fc.assert(
      fc.property(order, (indexes) => {
        const triage = new Triage();
        for (const index of indexes) triage.deliver(delivered(bodies[index]!.id, bodies[index]!));
        const seen = triage.of('payment-pi_1').map(([name]) => name);
        expect(seen.sort()).toEqual(['ChargeSucceeded', 'DisputeOpened', 'PaymentCaptured', 'RefundUpdated']);
      }),
    );
  });

  it('takes the person and the role from the key that signed, not from the body', () => {
    const body = { type: 'UnfreezeAccount', data: { accountId: 'cus_1', reason: 'called back', actor: 'mallory' } };
    const operator = { source: 'operator', provider: 'operator', actor: 'ada' };
    const triage = new Triage();
    triage.deliver(delivered('d1', body, { ...operator, role: 'fraud-analyst' }));
    expect(triage.of('delivery-d1')[0]).toMatchObject(['DeliveryRefused', { code: 'ROLE_NOT_ALLOWED' }]);
    triage.deliver(delivered('d2', body, { ...operator, role: 'fraud-lead' }));
    expect(triage.of('account-command-cus_1')).toEqual([
      ['UnfreezeAccount', { accountId: 'cus_1', actor: 'ada', reason: 'called back' }],
    ]);
  });

  it('records what a person does with a tool of their own, in the name of who signed', () => {
    const data = { operationId: 'op_1', phase: 'intended', verb: 'groups reset', target: 'fraud', reason: 'replay' };
    const body = { type: 'RecordOperation', data: { ...data, before: { offset: 7 }, actor: 'mallory' } };
    const operator = { source: 'operator', provider: 'operator', actor: 'ada' };
    const triage = new Triage();
    triage.deliver(delivered('d1', body, { ...operator, role: 'viewer' }));
    triage.deliver(delivered('d2', { ...body, data: { ...data, phase: 'maybe' } }, { ...operator, role: 'admin' }));
    triage.deliver(delivered('d3', body, { ...operator, role: 'admin' }));
    expect(triage.of('delivery-d1')[0]).toMatchObject(['DeliveryRefused', { code: 'ROLE_NOT_ALLOWED' }]);
    expect(triage.of('delivery-d2')[0]).toMatchObject(['DeliveryRefused', { code: 'BODY_INVALID' }]);
    expect(triage.of('operation-op_1')).toMatchObject([
      ['OperationRecorded', { ...data, before: '{"offset":7}', after: null, actor: 'ada' }],
    ]);
  });

  it('routes deployments and alerts of a team of its own', () => {
    const triage = new Triage();
    const source = { source: 'platform', provider: 'platform' };
    const deploy = { id: 'dep_1', service: 'shop', version: '1.2.3', environment: 'production' };
    triage.deliver(delivered('d1', { type: 'deploy.completed', data: deploy }, source));
    triage.deliver(delivered('d2', { type: 'alert.triggered', data: { id: 'al_1', name: 'disk 90 %' } }, source));
    expect([...triage.of('deploy-dep_1'), ...triage.of('alert-al_1')].map(([name]) => name)).toEqual([
      'DeployCompleted',
      'AlertTriggered',
    ]);
  });
});
