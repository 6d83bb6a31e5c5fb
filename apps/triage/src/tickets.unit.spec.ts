import { TicketTriaged } from '@towpath/contracts/tickets/TicketTriaged.v1';
import fc from 'fast-check';
import { Triage, delivered } from './triage.fixture.js';
import {
  NOW,
  zendesk,
  intercom,
  email,
  detail,
  created,
  comment,
  user,
  conversation,
  part,
  mail,
  received,
} from './tickets.fixture.js';

describe('tickets', () => {
  it('of Zendesk become the message and what it is about, in one decision', () => {
    const triage = new Triage();
    const emitted = triage.deliver(delivered('d1', created, zendesk)).map(({ contract }) => contract.name);
    expect(emitted).toEqual(['DeliveryRouted', 'DeliveryBytesKept', 'TicketReceived', 'TicketTriaged']);
    expect(received(triage)).toMatchObject([
      {
        ticketId: 'zendesk:12:5158',
        messageId: 'first',
        channel: 'zendesk',
        source: 'helpdesk',
        customerEmail: null,
        subject: 'Charged twice',
        body: 'I was charged twice',
        authorKind: 'customer',
        internal: false,
        // A tag in free words may name a person, who could not be erased from it.
        tags: ['shop', 'vip'],
        vip: true,
        sentAt: Date.parse(NOW),
      },
    ]);
    expect(triage.all(TicketTriaged)).toMatchObject([
      { ticketId: 'zendesk:12:5158', messageId: 'first', intent: 'fake', queue: 'billing', modelVersion: 'fake@1' },
    ]);
  });

  it('of Zendesk tell a first comment once, although two events do', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', created, zendesk));
    const again = comment({ body: detail.description });
    triage.deliver(delivered('d2', { ...again, time: '2026-01-31T09:00:01Z' }, zendesk));
    expect(received(triage)).toHaveLength(1);
    expect(triage.of('delivery-d2')[0]).toMatchObject(['DeliveryUnrouted', { reason: 'MESSAGE_KNOWN' }]);
    // The same words an hour later are another message.
    triage.deliver(delivered('d3', { ...again, id: 'e3', time: '2026-01-31T10:00:01Z' }, zendesk));
    expect(received(triage).map(({ messageId }) => messageId)).toEqual(['first', '77']);
  });

  it.each([
    ['a customer', { author: { id: '844', is_staff: false } }, 'customer'],
    ['an agent', { author: { id: '7', is_staff: true } }, 'person'],
    ['ourselves', { author: { id: '900', is_staff: true } }, 'bot'],
  ])('of Zendesk tell when %s writes, and classify the customer only', (_who, changes, authorKind) => {
    const triage = new Triage({ ownAuthors: ['zendesk:12:900'] });
    triage.deliver(delivered('d1', comment(changes), zendesk));
    expect(received(triage)).toMatchObject([{ authorKind }]);
    expect(triage.all(TicketTriaged)).toHaveLength(authorKind === 'customer' ? 1 : 0);
  });

  it('of Zendesk tell a note that the customer does not see', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', comment({ is_public: false, author: { id: '7', is_staff: true } }), zendesk));
    expect(received(triage)).toMatchObject([{ internal: true, authorKind: 'person' }]);
  });

  it("of a Zendesk trigger carry the requester's address and the payment provider's customer", () => {
    const body = {
      type: 'ticket.message',
      id: 't1',
      account: 'shop',
      time: NOW,
      ticket: {
        id: 5,
        title: 'Help',
        tags: 'a b',
        requester: { id: 844, email: 'jenny@example.com', external_id: 'cus_1' },
      },
      comment: { id: 9, author_id: 844, public: 'true', body: 'Hello' },
    };
    const triage = new Triage();
    triage.deliver(delivered('d1', body, zendesk));
    const { id: _, ...withoutId } = body.comment;
    triage.deliver(delivered('d3', { ...body, comment: withoutId, ticket: { ...body.ticket, id: 6 } }, zendesk));
    triage.deliver(
      delivered('d4', { ...body, comment: withoutId, ticket: { ...body.ticket, id: 6 }, id: 't2' }, zendesk),
    );
    expect(triage.of('delivery-d4')[0]).toMatchObject(['DeliveryUnrouted', { reason: 'MESSAGE_KNOWN' }]);
    triage.deliver(delivered('d2', mail(), email));
    const [ticket, , message] = received(triage);
    expect(ticket).toMatchObject({
      ticketId: 'zendesk:shop:5',
      customerEmail: 'jenny@example.com',
      accountId: 'cus_1',
      tags: ['a', 'b'],
    });
    expect(ticket?.customerId).toBe(message?.customerId);
  });

  it('of Intercom become messages of one conversation and one customer, whoever writes', () => {
    const triage = new Triage({ ownAuthors: ['intercom:ab12:500'] });
    const deliver = (id: string, topic: string, parts: object[] = []) =>
      triage.deliver(delivered(id, conversation(topic, parts, `notif_${id}`), intercom));
    deliver('d1', 'conversation.user.created');
    deliver('d2', 'conversation.user.replied', [part(user, '2')]);
    deliver('d3', 'conversation.admin.replied', [part({ type: 'admin', id: '7' }, '3')]);
    deliver('d4', 'conversation.admin.replied', [part({ type: 'admin', id: 500 }, '4')]);
    deliver('d5', 'conversation.operator.replied', [part({ type: 'bot', id: '8' }, '5')]);
    deliver('d6', 'conversation.admin.noted', [part({ type: 'admin', id: '7' }, '6')]);
    const messages = received(triage);
    expect(messages.map(({ authorKind }) => authorKind)).toEqual([
      'customer',
      'customer',
      'person',
      'bot',
      'bot',
      'person',
    ]);
    expect(messages.map(({ internal }) => internal)).toEqual([false, false, false, false, false, true]);
    expect(messages.slice(0, 2).map(({ body }) => body)).toEqual(['I cannot log in', 'Still & again']);
    expect(new Set(messages.map(({ ticketId, customerId }) => `${ticketId} ${customerId}`)).size).toBe(1);
    expect(messages[0]).toMatchObject({
      ticketId: 'intercom:ab12:99',
      accountId: 'cus_1',
      customerEmail: 'Jenny@Example.com',
    });
    expect(triage.all(TicketTriaged)).toHaveLength(2);
  });

  it('of Intercom keep their customer, although later notifications tell another way who it is', () => {
    const triage = new Triage();
    const begun = conversation('conversation.admin.single.created');
    const admin = { ...begun.data.item, source: { id: '1', body: 'Hello', author: { type: 'admin', id: '7' } } };
    triage.deliver(delivered('d1', { ...begun, data: { item: admin } }, intercom));
    const replied = conversation('conversation.user.replied', [part(user, '2')], 'notif_2');
    triage.deliver(
      delivered('d2', { ...replied, data: { item: { ...replied.data.item, source: admin.source } } }, intercom),
    );
    const [first, second] = received(triage);
    expect(second?.customerId).toBe(first?.customerId);
    expect(second).toMatchObject({ authorKind: 'customer', customerEmail: 'Jenny@Example.com' });
  });

  it('count an author that nobody knows as a person, so that nobody is talked over', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', conversation('conversation.admin.replied', [part({ type: 'team' })]), intercom));
    expect(received(triage)).toMatchObject([{ authorKind: 'person' }]);
  });

  it('by e-mail stay in one thread, which nobody else gets into by naming it', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', mail(), email));
    const reply = { messageId: '<2@example.com>', inReplyTo: '<1@example.com>', references: ['<1@example.com>'] };
    triage.deliver(delivered('d2', mail({ ...reply, from: 'JENNY@example.com' }), email));
    triage.deliver(
      delivered('d3', mail({ ...reply, messageId: '<3@evil.example>', from: 'mallory@evil.example' }), email),
    );
    const [first, second, third] = received(triage);
    expect(second?.ticketId).toBe(first?.ticketId);
    expect(second?.customerId).toBe(first?.customerId);
    expect(third?.ticketId).not.toBe(first?.ticketId);
    expect(third?.customerId).not.toBe(first?.customerId);
  });

  it('by e-mail are told once, however often they are delivered', () => {
    const triage = new Triage();
    triage.deliver(delivered('d1', mail(), email));
    triage.deliver(delivered('d2', mail(), email));
    expect(received(triage)).toHaveLength(1);
    expect(triage.of('delivery-d2')[0]).toMatchObject(['DeliveryUnrouted', { reason: 'MESSAGE_KNOWN' }]);
  });

  it.each([
    ['an out-of-office note', { headers: { 'Auto-Submitted': 'auto-replied' } }],
    ['a newsletter', { headers: [{ name: 'List-Unsubscribe', value: '<https://example.com>' }] }],
    ['a bulk mail', { headers: { precedence: 'bulk' } }],
    ['a bounce', { from: 'MAILER-DAEMON@example.com' }],
    ['our own answer', { from: 'Help <HELP@shop.example>' }],
  ])('by e-mail take %s for no customer', (_what, changes) => {
    const triage = new Triage({ ownAuthors: ['email:help@shop.example'] });
    triage.deliver(delivered('d1', mail(changes), email));
    expect(received(triage)).toMatchObject([{ authorKind: 'bot' }]);
    expect(triage.all(TicketTriaged)).toEqual([]);
  });

  it('by e-mail tell what one of us answered by hand', () => {
    const triage = new Triage();
    const sent = { from: 'sam@shop.example', to: [{ address: 'jenny@example.com' }], messageId: '<9@shop.example>' };
    triage.deliver(delivered('d1', mail(), email));
    triage.deliver(delivered('d2', mail({ ...sent, references: '<1@example.com>' }, 'email.sent'), email));
    const [question, answer] = received(triage);
    expect(answer).toMatchObject({
      authorKind: 'person',
      ticketId: question?.ticketId,
      customerId: question?.customerId,
    });
  });

  it.each([
    [{ authentication: { dmarc: 'pass' } }, true],
    [{ authentication: { dmarc: 'fail' } }, false],
    [{ headers: { 'Authentication-Results': 'mx; dmarc=pass' } }, null],
  ])('by e-mail believe who took the mail, not the mail: %j', (changes, authorVerified) => {
    const triage = new Triage();
    triage.deliver(delivered('d1', mail(changes), email));
    expect(received(triage)).toMatchObject([{ authorVerified }]);
  });

  it('leave out what is quoted, and what is no text', () => {
    const triage = new Triage();
    const text = 'It still fails.\n\nOn Mon, Jan 5, 2026 at 9:00 AM Help <help@shop.example> wrote:\n> try again';
    triage.deliver(delivered('d1', mail({ text }), email));
    const html = '<style>p{}</style><script>alert(1)</script><p>Hello<br>there &lt;b&gt;</p><!-- hidden -->';
    triage.deliver(delivered('d2', mail({ text: '', html, messageId: '<2@example.com>' }), email));
    expect(received(triage).map(({ body }) => body)).toEqual(['It still fails.', 'Hello\nthere <b>']);
  });

  it.each([
    [zendesk, { ...created, detail: { id: '1' } }],
    [zendesk, comment({ id: { a: 1 } })],
    [intercom, conversation('conversation.user.replied', [])],
    [email, mail({ from: 'nobody' })],
    [email, mail({ messageId: null })],
  ])('that lack what they need are refused and lose nothing', (source, body) => {
    const triage = new Triage();
    triage.deliver(delivered('d1', body, source));
    expect(triage.of('delivery-d1').map(([name]) => name)).toEqual(['DeliveryRefused', 'DeliveryBytesKept']);
  });

  it.each([zendesk, intercom, email, { provider: 'loans', scheme: 'standard' }])(
    'of any JSON end in one outcome, and name nobody readable: %j',
    (source) => {
      const keys = [
        'type',
        'topic',
        'detail',
        'event',
        'ticket',
        'comment',
        'data',
        'item',
        'source',
        'author',
        'id',
        'body',
        'from',
      ];
      const types = [
        'zen:event-type:ticket.created',
        'conversation.user.created',
        'email.received',
        'loan_application.submitted',
      ];
      const json = fc.letrec((tie) => ({
        value: fc.oneof({ maxDepth: 4 }, fc.constantFrom(...types, 'Jenny Rosen', 'a@b', 5, null, true), tie('object')),
        object: fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 5 }),
      })).object;
      fc.assert(
        fc.property(json, (body) => {
          const triage = new Triage();
          triage.deliver(delivered('d1', body, source));
          const outcomes = triage.of('delivery-d1').filter(([name]) => name !== 'DeliveryBytesKept');
          expect(outcomes).toHaveLength(1);
          expect(triage.readable()).not.toContain('Jenny');
        }),
        { numRuns: 300 },
      );
    },
  );
});
