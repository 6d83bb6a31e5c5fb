import fc from 'fast-check';
import { githubKey, notionKey } from './github.js';
import { loansKey } from './loans.js';
import { operatorKey } from './operator.js';
import { platformKey } from './platform.js';
import { shopKey } from './shop.js';
import { stripeKey } from './stripe.js';
import { emailKey, intercomKey, zendeskKey } from './tickets.js';

const about = (object: unknown): Record<string, unknown> => ({ data: { object } });

describe('object keys', () => {
  it.each([
    ['a payment intent: itself', { object: 'payment_intent', id: 'pi_1', latest_charge: 'ch_1' }, 'pi_1'],
    ['a charge: its intent', { object: 'charge', id: 'ch_1', payment_intent: 'pi_1' }, 'pi_1'],
    ['a charge with an expanded intent', { object: 'charge', id: 'ch_1', payment_intent: { id: 'pi_1' } }, 'pi_1'],
    ['a charge without an intent: itself', { object: 'charge', id: 'ch_1', payment_intent: null }, 'ch_1'],
    ['a dispute: its intent', { object: 'dispute', id: 'dp_1', charge: 'ch_1', payment_intent: 'pi_1' }, 'pi_1'],
    ['a dispute without an intent: its charge', { object: 'dispute', id: 'dp_1', charge: 'ch_1' }, 'ch_1'],
    ['a refund without an intent: its charge', { object: 'refund', id: 're_1', charge: { id: 'ch_1' } }, 'ch_1'],
    ['a payout: itself', { object: 'payout', id: 'po_1' }, 'po_1'],
    ['a balance: none', { object: 'balance' }, null],
  ])('of Stripe, %s', (_what, object, expected) => expect(stripeKey(about(object))).toBe(expected));

  it('of a person is the target of the command', () => {
    expect(operatorKey({ type: 'fraud.unfreeze_account', data: { reason: 'checked', accountId: 'cus_1' } })).toBe(
      'cus_1',
    );
    expect(operatorKey({ type: 'fraud.resolve_review', data: { paymentId: 'pi_1' } })).toBe('pi_1');
    expect(operatorKey({ type: 'platform.noop', data: {} })).toBeNull();
  });

  it('of the platform is the object that the type names', () => {
    expect(platformKey({ type: 'deploy.completed', data: { id: 'x', deployId: 'd1' } })).toBe('d1');
    expect(platformKey({ type: 'alert.triggered', data: { alert_id: 'a1' } })).toBe('a1');
    expect(platformKey({ type: 'alert.triggered', data: { id: 'a1' } })).toBe('a1');
  });

  it('of tickets, mail and applications keep what belongs together in order', () => {
    expect(zendeskKey({ detail: { id: '5' } })).toBe(zendeskKey({ ticket: { id: 5 } }));
    expect(intercomKey({ data: { item: { id: '9' } } })).toBe('9');
    const first = emailKey({ data: { messageId: '<1@x>' } });
    expect(emailKey({ data: { messageId: '<2@x>', references: ['<1@x>'] } })).toBe(first);
    expect(emailKey({ data: { messageId: '<3@x>', references: '<1@x> <2@x>' } })).toBe(first);
    expect(emailKey({ data: { messageId: '<2@x>', inReplyTo: '<1@x>' } })).toBe(first);
    expect(loansKey({ data: { applicationId: 'loan_1' } })).toBe('loan_1');
    expect(shopKey({ data: { refundId: 'r1', orderId: 'order_1' } })).toBe('order_1');
    expect(shopKey({ data: { receiptId: 'r1', sku: 'mug' } })).toBe('mug');
    expect(githubKey({ repository: { node_id: 'R' }, issue: { node_id: 'I' } })).toBe('I');
  });

  it.each([
    ['Stripe', stripeKey],
    ['a person', operatorKey],
    ['the platform', platformKey],
    ['Zendesk', zendeskKey],
    ['Intercom', intercomKey],
    ['e-mail', emailKey],
    ['a loan', loansKey],
    ['a shop', shopKey],
    ['GitHub', githubKey],
    ['Notion', notionKey],
  ])('of %s is a storable text or nothing for any JSON', (_provider, keyOf) => {
    const json = fc.dictionary(
      fc.constantFrom(
        'data',
        'object',
        'id',
        'type',
        'detail',
        'ticket',
        'item',
        'references',
        'entity',
        '__proto__',
        'x',
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(json, fc.jsonValue(), (body, object) => {
        for (const candidate of [body, about(object), about(body), { type: object, data: object }]) {
          const key = keyOf(candidate);
          expect(key === null || (key.length > 0 && key.length < 256 && key.isWellFormed())).toBe(true);
        }
      }),
    );
  });

  it('never takes an id that can not be stored', () => {
    for (const id of ['', 'x'.repeat(256), 'a\u0000', '\udc00', 1, null, [], true]) {
      expect(stripeKey(about({ object: 'payout', id }))).toBeNull();
    }
  });
});
