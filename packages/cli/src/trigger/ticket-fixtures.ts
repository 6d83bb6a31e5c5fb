import type { Fixture, Ids } from './fixtures.js';
import type { Body } from './paths.js';

/** What a customer writes unless `--override` says otherwise. */
const QUESTION = 'I was charged twice for the same order. Can you check and refund one of them?';
const ACCOUNT = 12_345;
const TICKET_ENDS = 'tickets.v1.TicketTriaged';

/** Tickets of Zendesk and Intercom, mail, and loan applications, as their senders write them. */
export const ticketFixtures: Readonly<Record<string, Fixture>> = {
  'ticket.created': {
    provider: 'zendesk',
    resource: 'detail',
    at: ['detail'],
    endsWith: TICKET_ENDS,
    build: (ids) => zendeskEvent(ids, 'ticket.created', QUESTION, {}),
  },
  'ticket.comment_added': {
    provider: 'zendesk',
    resource: 'comment',
    at: ['event', 'comment'],
    endsWith: TICKET_ENDS,
    build: (ids) => zendeskEvent(ids, 'ticket.comment_added', 'An earlier question', { comment: zendeskComment(ids) }),
  },
  'ticket.message': {
    provider: 'zendesk',
    resource: 'ticket',
    at: ['ticket'],
    endsWith: TICKET_ENDS,
    build: zendeskTrigger,
  },
  'conversation.user.created': intercom((ids) => notification(ids, 'conversation.user.created', [])),
  'conversation.user.replied': intercom((ids) =>
    notification(ids, 'conversation.user.replied', [
      part(ids, { type: 'user', id: ids.customer, email: EMAIL }, QUESTION),
    ]),
  ),
  'conversation.admin.replied': intercom(
    (ids) =>
      notification(ids, 'conversation.admin.replied', [
        part(ids, { type: 'admin', id: '814860', name: 'Sam' }, 'I am looking into it for you.'),
      ]),
    'tickets.v1.TicketReceived',
  ),
  'email.received': {
    provider: 'email',
    resource: 'email',
    at: ['data'],
    endsWith: TICKET_ENDS,
    build: mail,
  },
  'loan_application.submitted': {
    provider: 'loans',
    resource: 'application',
    at: ['data'],
    build: application,
  },
};

const EMAIL = 'jenny.rosen@example.com';

function intercom(build: Fixture['build'], endsWith = TICKET_ENDS): Fixture {
  return { provider: 'intercom', resource: 'conversation', at: ['data', 'item'], endsWith, build };
}

function zendeskEvent(ids: Ids, type: string, description: string, event: Body): Body {
  const at = new Date(ids.now * 1000).toISOString();
  return {
    type: `zen:event-type:${type}`,
    account_id: ACCOUNT,
    id: `01${ids.card.toUpperCase()}`,
    time: at,
    zendesk_event_version: '2022-11-06',
    subject: `zen:ticket:${ids.number}`,
    detail: {
      id: String(ids.number),
      created_at: at,
      updated_at: at,
      subject: 'A question about my order',
      description,
      status: 'OPEN',
      priority: 'NORMAL',
      requester_id: `8${ids.number}`,
      submitter_id: `8${ids.number}`,
      actor_id: `8${ids.number}`,
      is_public: true,
      tags: ['shop'],
      via: { channel: 'web_service' },
    },
    event,
  };
}

function zendeskComment(ids: Ids): Body {
  return {
    id: `9${ids.number}`,
    body: QUESTION,
    is_public: true,
    author: { id: `8${ids.number}`, is_staff: false, name: 'Jenny Rosen' },
  };
}

function zendeskTrigger(ids: Ids): Body {
  return {
    type: 'ticket.message',
    id: `trigger-${ids.card}`,
    account: 'shop',
    time: new Date(ids.now * 1000).toISOString(),
    ticket: {
      id: String(ids.number),
      title: 'A question about my order',
      tags: 'shop',
      requester: { id: `8${ids.number}`, email: `jenny.${ids.number}@example.com`, external_id: ids.customer },
    },
    comment: { id: `9${ids.number}`, author_id: `8${ids.number}`, public: true, body: QUESTION },
  };
}

function notification(ids: Ids, topic: string, parts: readonly Body[]): Body {
  return {
    type: 'notification_event',
    id: `notif_${ids.card}`,
    app_id: 'shop1234',
    topic,
    created_at: ids.now,
    delivery_attempts: 1,
    data: {
      type: 'notification_event_data',
      item: {
        type: 'conversation',
        id: String(ids.number),
        created_at: ids.now,
        source: {
          type: 'conversation',
          id: `1${ids.number}`,
          delivered_as: 'customer_initiated',
          subject: '',
          body: `<p>${QUESTION}</p>`,
          author: { type: 'user', id: ids.customer, name: 'Jenny Rosen', email: EMAIL },
        },
        contacts: {
          type: 'contact.list',
          contacts: [{ type: 'contact', id: ids.customer, external_id: ids.customer }],
        },
        tags: { type: 'tag.list', tags: [] },
        conversation_parts: { type: 'conversation_part.list', conversation_parts: parts, total_count: parts.length },
      },
    },
  };
}

function part(ids: Ids, author: Body, text: string): Body {
  const body = `<p>${text}</p>`;
  return { type: 'conversation_part', id: `2${ids.number}`, part_type: 'comment', body, author, created_at: ids.now };
}

function mail(ids: Ids): Body {
  return {
    type: 'email.received',
    timestamp: new Date(ids.now * 1000).toISOString(),
    data: {
      messageId: `<${ids.card}@mail.example.com>`,
      from: `Jenny Rosen <jenny.${ids.number}@example.com>`,
      to: ['help@shop.example'],
      subject: 'Charged twice',
      text: QUESTION,
      references: [],
      headers: {},
      authentication: { dmarc: 'pass' },
    },
  };
}

function application(ids: Ids): Body {
  return {
    type: 'loan_application.submitted',
    timestamp: new Date(ids.now * 1000).toISOString(),
    data: {
      applicationId: `loan_${ids.card}`,
      applicant: {
        reference: `ref-${ids.number}`,
        name: 'Jenny Rosen',
        email: `jenny.${ids.number}@example.com`,
        dateOfBirth: '1988-04-02',
      },
      amountMinor: 1_200_000,
      currency: 'EUR',
      termMonths: 36,
      monthlyIncomeMinor: 320_000,
      monthlyDebtMinor: 40_000,
      employmentMonths: 48,
      purpose: 'car',
    },
  };
}
