import type { DataOf } from '@towpath/contracts/contract';
import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import { Triage } from './triage.fixture.js';

export const NOW = '2026-01-31T09:00:00Z';
export const at = (seconds: number): number => Date.parse(NOW) / 1000 + seconds;

export const zendesk = { provider: 'zendesk', source: 'helpdesk', scheme: 'zendesk' };
export const intercom = { provider: 'intercom', source: 'chat', scheme: 'intercom' };
export const email = { provider: 'email', source: 'mail', scheme: 'standard' };

export const detail = {
  id: '5158',
  subject: 'Charged twice',
  description: 'I was charged twice',
  created_at: NOW,
  requester_id: '844',
  submitter_id: '844',
  is_public: true,
  tags: ['shop', 'VIP', 'Jenny Rosen'],
};
export const created = {
  type: 'zen:event-type:ticket.created',
  account_id: 12,
  id: 'e1',
  time: NOW,
  detail,
  event: {},
};

export const comment = (changes: object = {}, id = 'e2') => ({
  ...created,
  id,
  type: 'zen:event-type:ticket.comment_added',
  time: '2026-01-31T09:05:00Z',
  event: {
    comment: { id: '77', body: 'Any news?', is_public: true, author: { id: '844', is_staff: false }, ...changes },
  },
});

export const user = { type: 'user', id: 'u1', email: 'Jenny@Example.com' };

export const conversation = (topic: string, parts: object[] = [], id = 'notif_1') => ({
  type: 'notification_event',
  topic,
  id,
  app_id: 'ab12',
  created_at: at(0),
  data: {
    item: {
      type: 'conversation',
      id: '99',
      source: { id: '1', subject: '', body: '<p>I cannot log in</p>', author: user },
      contacts: { contacts: [{ id: 'u1', external_id: 'cus_1' }] },
      conversation_parts: { conversation_parts: parts },
    },
  },
});

export const part = (author: object, id = '2', body = '<p>Still &amp; again</p>') => ({
  id,
  part_type: 'comment',
  body,
  author,
  created_at: at(60),
});

export const mail = (changes: object = {}, type = 'email.received') => ({
  type,
  timestamp: NOW,
  data: {
    messageId: '<1@example.com>',
    from: 'Jenny Rosen <jenny@example.com>',
    to: ['help@shop.example'],
    subject: 'Refund',
    text: 'Where is my refund?',
    ...changes,
  },
});

export const received = (triage: Triage): DataOf<typeof TicketReceived>[] => triage.all(TicketReceived);
