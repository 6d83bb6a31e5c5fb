import { buildBody, fixtureOf, NO_CHANGES } from './build-delivery.js';
import { fixtures, newIds } from './fixtures.js';
import { seedOf } from './sandbox-seed.js';

const ids = newIds(new Date(1_700_000_000_000));

describe('triggered deliveries', () => {
  it.each(Object.keys(fixtures))('%s has its type and fresh ids', (event) => {
    const fixture = fixtures[event]!;
    const one = JSON.stringify(buildBody(event, fixture, ids, NO_CHANGES, 1));
    const other = JSON.stringify(buildBody(event, fixture, newIds(new Date()), NO_CHANGES, 1));
    expect(JSON.parse(one)).toMatchObject({ ...(!fixture.at && { type: event }) });
    expect(one).not.toBe(other);
  });

  it('count the deliveries in {n}', () => {
    const changes = { ...NO_CHANGES, override: ['charge:metadata.ip=10.0.0.{n}'] };
    const body = buildBody('charge.succeeded', fixtures['charge.succeeded']!, ids, changes, 7);
    expect(seedOf(body)?.payment).toMatchObject({ metadata: { ip: '10.0.0.7' } });
  });

  it('change the facts of a platform event', () => {
    const changes = { ...NO_CHANGES, override: ['data.status=failed'], remove: ['data:version'] };
    const body = buildBody('deploy.completed', fixtures['deploy.completed']!, ids, changes, 1);
    expect(body['data']).toMatchObject({ status: 'failed' });
    expect(body['data']).not.toHaveProperty('version');
  });

  it('list what there is when the event is unknown or of another provider', () => {
    expect(() => fixtureOf('stripe', 'constructor')).toThrow('choose one of charge.succeeded');
    expect(() => fixtureOf('platform', 'charge.succeeded')).toThrow('choose one of deploy.completed, alert.triggered');
  });

  it('seed the sandbox with the payment as the delivery tells it', () => {
    const changes = { ...NO_CHANGES, override: ['charge:captured=true', 'charge:amount=99'] };
    const body = buildBody('charge.succeeded', fixtures['charge.succeeded']!, ids, changes, 1);
    expect(seedOf(body)).toMatchObject({
      id: ids.payment,
      payment: { status: 'succeeded', amount: 99, chargeId: ids.charge, customerId: ids.customer },
    });
  });

  it('seed nothing for an event that is not about a charge', () => {
    const dispute = fixtures['charge.dispute.created']!;
    expect(seedOf(buildBody('charge.dispute.created', dispute, ids, NO_CHANGES, 1))).toBeUndefined();
  });
});
