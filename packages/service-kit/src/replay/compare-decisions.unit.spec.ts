import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { PaymentCanceled } from '@towpath/contracts/payments/PaymentCanceled.v1';
import { WebhookReceived } from '@towpath/contracts/webhooks/WebhookReceived.v1';
import { ChargeSucceeded } from '@towpath/contracts/payments/ChargeSucceeded.v1';
import { encryptPii } from '@towpath/event-store/cipher';
import { differences, subjectsIn, type Comparable } from './compare-decisions.js';

const keys = new Map([['cus_1', Buffer.alloc(32, 7)]]);

function canceled(id: string, reason: string): Comparable {
  const data = { paymentId: 'pi_1', reason, canceledAt: 0 };
  return { id, type: PaymentCanceled.type, stream: 'payment-pi_1', data };
}

function charged(email: string, key?: ReadonlyMap<string, Buffer>): Comparable {
  const data = { accountId: 'cus_1', email } as unknown as ChargeSucceeded;
  const stored = key ? encryptPii(ChargeSucceeded, data, key) : data;
  return { id: 'c', type: ChargeSucceeded.type, stream: 'payment-pi_1', data: stored };
}

describe('two decisions', () => {
  it('are the same when their events are, whatever order their fields stand in', () => {
    const turned = { ...canceled('a', 'x'), data: { canceledAt: 0, reason: 'x', paymentId: 'pi_1' } };
    expect(differences([canceled('a', 'x')], [turned], new Map())).toEqual([]);
  });

  it('differ by field, with both values', () => {
    expect(differences([canceled('a', 'x')], [canceled('a', 'y')], new Map())).toEqual([
      { place: `${PaymentCanceled.type}.reason`, recorded: '"x"', replayed: '"y"' },
    ]);
  });

  it('differ by an event that only one of them has', () => {
    expect(differences([canceled('a', 'x')], [], new Map())).toMatchObject([{ replayed: '(nothing)' }]);
    expect(differences([], [canceled('a', 'x')], new Map())).toMatchObject([{ recorded: '(nothing)' }]);
    const other = { ...canceled('a', 'x'), type: PaymentFailed.type };
    expect(differences([canceled('a', 'x')], [other], new Map())).toHaveLength(1);
  });

  it('are compared by what personal data say, which is never shown', () => {
    const recorded = charged('one@example.com', keys);
    expect(subjectsIn([recorded])).toEqual(['cus_1']);
    expect(differences([recorded], [charged('one@example.com')], keys)).toEqual([]);
    const found = differences([recorded], [charged('other@example.com')], keys);
    expect(found).toEqual([{ place: `${ChargeSucceeded.type}.email`, recorded: '(personal)', replayed: '(personal)' }]);
    expect(JSON.stringify(found)).not.toContain('example.com');
  });

  it('give at most 20 differences, so that a verdict stays a line', () => {
    const events = Array.from({ length: 30 }, (_, n) => ({ ...canceled(String(n), 'x'), type: WebhookReceived.type }));
    expect(differences(events, [], new Map())).toHaveLength(20);
  });
});
