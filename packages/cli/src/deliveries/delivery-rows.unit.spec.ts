import picocolors from 'picocolors';
import { rowOf } from './delivery-rows.js';
import { rowText } from './deliveries.js';

const data = { deliveryId: 'd', source: 'stripe', providerType: 'charge.x', sha256: 'abcdef0123456789', receivedAt: 0 };

describe('delivery rows', () => {
  it.each([
    ['triage.v1.DeliveryRouted', { routedTo: ['payments.v1.A', 'payments.v1.B'] }, 'routed', 'A, B'],
    ['triage.v1.DeliveryUnrouted', { reason: 'UNKNOWN_TYPE' }, 'unrouted', 'UNKNOWN_TYPE'],
    ['triage.v1.DeliveryRefused', { code: 'BODY_INVALID', detail: 'no id' }, 'refused', 'BODY_INVALID: no id'],
  ])('of %s say what became of it', (type, more, outcome, detail) => {
    expect(rowOf({ type, data: { ...data, ...more }, repeats: 0 })).toMatchObject({ outcome, detail });
  });

  it('count repeats', () => {
    const row = rowOf({ type: 'triage.v1.DeliveryUnrouted', data: { ...data, reason: 'x' }, repeats: 2 });
    expect(rowText(row, picocolors.createColors(false))).toBe(
      '1970-01-01T00:00:00.000Z  d  stripe    charge.x                  unrouted  x  abcdef012345  again 2 ×',
    );
  });
});
