import { Triage, delivered } from './triage.fixture.js';
import { intercom, conversation, received } from './tickets.fixture.js';

describe('a delivery of a scheme that signs no time', () => {
  const body = conversation('conversation.user.created');
  const again = (receivedAt: number) => delivered('d1', body, { ...intercom, receivedAt });

  it('is refused on the record when its bytes come again, and the first stays in force', () => {
    const triage = new Triage();
    triage.deliver(again(1));
    triage.deliver(again(2));
    expect(triage.of('delivery-d1').map(([name]) => name)).toEqual([
      'DeliveryRouted',
      'DeliveryBytesKept',
      'DeliveryRefused',
    ]);
    expect(triage.of('delivery-d1')[2]?.[1]).toMatchObject({ code: 'BODY_REPEATED' });
    expect(received(triage)).toHaveLength(1);
  });

  it('is looked at each time it comes in, and not each time Kafka tells of it', () => {
    const triage = new Triage();
    expect(triage.fingerprint(again(1))).toBe(triage.fingerprint(again(1)));
    expect(triage.fingerprint(again(1))).not.toBe(triage.fingerprint(again(2)));
    const signed = { ...intercom, scheme: 'standard' };
    const one = (receivedAt: number) => triage.fingerprint(delivered('d1', body, { ...signed, receivedAt }));
    expect(one(1)).toBe(one(2));
  });
});
