import { contractOf } from '@towpath/contracts/catalogue';
import type { Emission } from '@towpath/service-kit/message';
import fc from 'fast-check';
import { delivered, Triage } from './triage.fixture.js';

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

  it('settles an effect, and opens a way out, in the name of who signed and in no other', () => {
    const operator = { source: 'operator', provider: 'operator', actor: 'ada', role: 'fraud-lead' };
    const triage = new Triage();
    const give = (id: string, type: string, data: object, over: object = {}) =>
      triage.deliver(delivered(id, { type, data: { ...data, reason: 'looked it up' } }, { ...operator, ...over }));
    give('d1', 'SettleEffect', { effectId: 'e1', outcome: 'done', actor: 'mallory' });
    give('d2', 'ResetBreaker', { breakerId: 'egress/hooks/acme' });
    give('d3', 'SettleEffect', { effectId: 'e1', outcome: 'perhaps' });
    give('d4', 'ResetBreaker', { breakerId: 'egress/slack' }, { role: 'fraud-analyst' });
    const signed = { actor: 'ada', reason: 'looked it up' };
    expect(triage.of('effect-command-e1')).toEqual([['SettleEffect', { effectId: 'e1', outcome: 'done', ...signed }]]);
    expect(triage.of('breaker-command-egress/hooks/acme')).toEqual([
      ['ResetBreaker', { breakerId: 'egress/hooks/acme', ...signed }],
    ]);
    expect(triage.of('delivery-d3')[0]).toMatchObject(['DeliveryRefused', { code: 'BODY_INVALID' }]);
    expect(triage.of('delivery-d4')[0]).toMatchObject(['DeliveryRefused', { code: 'ROLE_NOT_ALLOWED' }]);
  });

  it('takes an erasure of an admin only, and of an id only', () => {
    const data = { erasureId: 'er_1', subject: 'cus_1', reason: 'request 7' };
    const operator = { source: 'operator', provider: 'operator', actor: 'ada' };
    const triage = new Triage();
    const erase = (id: string, change: object, role: string) =>
      triage.deliver(delivered(id, { type: 'EraseSubject', data: { ...data, ...change } }, { ...operator, role }));
    erase('d1', {}, 'fraud-lead');
    erase('d2', { subject: 'dead-letter:x' }, 'admin');
    erase('d3', {}, 'admin');
    expect(triage.of('delivery-d1')[0]).toMatchObject(['DeliveryRefused', { code: 'ROLE_NOT_ALLOWED' }]);
    expect(triage.of('delivery-d2')[0]).toMatchObject(['DeliveryRefused', { code: 'BODY_INVALID' }]);
    expect(triage.of('erasure-command-cus_1')).toEqual([['EraseSubject', { ...data, actor: 'ada' }]]);
  });

  it.each(['asked anna@example.org', 'card 4242 4242 4242 4242', 'called +49 30 1234567'])(
    'refuses a reason that names a person (%s), without saying it again',
    (reason) => {
      const triage = new Triage();
      const body = { type: 'UnfreezeAccount', data: { accountId: 'cus_1', reason } };
      triage.deliver(delivered('d1', body, { provider: 'operator', actor: 'ada', role: 'admin' }));
      const [name, refusal] = triage.of('delivery-d1')[0]!;
      expect([name, refusal['code']]).toEqual(['DeliveryRefused', 'BODY_INVALID']);
      expect(JSON.stringify(refusal)).not.toContain(reason);
    },
  );

  it('takes a reason with a ticket and a time', () => {
    const triage = new Triage();
    const data = { accountId: 'cus_1', reason: 'incident 2026-114 of 2026-11-29 10:20:30, see ab12-1700000000000' };
    triage.deliver(
      delivered('d1', { type: 'UnfreezeAccount', data }, { provider: 'operator', actor: 'ada', role: 'admin' }),
    );
    expect(triage.of('account-command-cus_1')).toHaveLength(1);
  });

  it('keeps no text of a provider readable where a code belongs', () => {
    const person = 'Anna Example, Example Street 1';
    const odd = {
      ...charge,
      outcome: { reason: person },
      failure_code: person,
      failure_message: person,
      billing_details: { name: person, address: { country: person }, email: person },
      payment_method_details: { card: { fingerprint: person, country: person } },
      metadata: { ip: person, device_id: person },
    };
    const triage = new Triage();
    triage.deliver(delivered('d1', stripe('charge.failed', odd)));
    triage.deliver(delivered('d2', stripe('charge.succeeded', odd, 'evt_2')));
    triage.deliver(delivered('d3', stripe(`charge.${person}`, odd, 'evt_3')));
    const dispute = { id: 'dp_1', object: 'dispute', charge: 'ch_1', amount: 500, currency: 'eur', reason: person };
    triage.deliver(delivered('d4', stripe('charge.dispute.created', dispute, 'evt_4')));
    const readable = triage.appended.map(({ type, data }) => {
      const fields = { ...(data as Record<string, unknown>) };
      for (const { name } of contractOf(type).pii) delete fields[name];
      return JSON.stringify(fields);
    });
    expect(readable.filter((text) => text.includes('Anna') || text.includes('ANNA'))).toEqual([]);
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
