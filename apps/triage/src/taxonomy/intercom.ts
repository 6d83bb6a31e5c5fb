import { BodyInvalid, asCode, codeAt, fieldsAt, secondsAt, textAt, type Fields } from './fields.js';
import { contactOfAddress, contactOfId, mailboxIn } from './tickets/contact.js';
import { ticketReceived, type AuthorKind } from './tickets/ticket-message.js';
import type { Delivered, Lookups, Routing, Taxonomy } from './taxonomy.js';

/** Where a topic's message stands: the conversation's first, its newest part, or nowhere. */
const topics: Readonly<Record<string, 'source' | 'part' | 'ignored'>> = {
  'conversation.user.created': 'source',
  'conversation.contact.created': 'source',
  'conversation.user.replied': 'part',
  'conversation.admin.single.created': 'source',
  'conversation.admin.replied': 'part',
  'conversation.admin.noted': 'part',
  'conversation.operator.replied': 'part',
  'conversation.admin.assigned': 'ignored',
  'conversation.admin.closed': 'ignored',
  'conversation.admin.opened': 'ignored',
  'conversation.admin.snoozed': 'ignored',
  'conversation.admin.unsnoozed': 'ignored',
  'conversation.rating.added': 'ignored',
  'conversation_part.tag.created': 'ignored',
  ping: 'ignored',
};

/** Intercom's notifications: `{ type: "notification_event", topic, app_id, created_at, data: { item: <conversation> } }`. */
export const intercom: Taxonomy = {
  provider: 'intercom',
  chargesOf: () => [],
  ticketOf: (body) => ticketIdOf(body as Fields),
  route(body, delivery, lookups): Routing {
    const event = body as Fields;
    const about = {
      providerType: codeAt(event, 'topic') ?? 'unknown',
      providerEventId: codeAt(event, 'id'),
      owner: customerOf(event, lookups),
    };
    const topic = Object.hasOwn(topics, about.providerType) ? topics[about.providerType] : undefined;
    if (topic === undefined) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    if (topic === 'ignored') return { kind: 'unrouted', about, reason: 'IGNORED_TYPE' };
    try {
      const message = topic === 'source' ? fieldsAt(itemOf(event), 'source') : newestPart(itemOf(event));
      return { kind: 'routed', about, messages: [received(event, message, about.providerType, delivery, lookups)] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};

function received(event: Fields, message: Fields, topic: string, delivery: Delivered, lookups: Lookups) {
  const item = itemOf(event);
  const ticketId = ticketIdOf(event);
  const customerId = customerOf(event, lookups);
  const messageId = idIn(message);
  if (ticketId === null || customerId === null || messageId === null) {
    throw new BodyInvalid('it must name the conversation, its contact and the message by their ids');
  }
  const contact = customerIn(item);
  const tags = listAt(fieldsAt(item, 'tags'), 'tags').map((tag) => tag['name']);
  return ticketReceived({
    ticketId,
    messageId,
    channel: 'intercom',
    source: delivery.data.source,
    customerId,
    customerEmail: mailboxIn(contact['email'])?.address ?? null,
    accountId: codeAt(firstContact(item), 'external_id'),
    subject: textAt(fieldsAt(item, 'source'), 'subject') ?? textAt(item, 'title'),
    // A part with an attachment alone has no body.
    body: textAt(message, 'body') ?? '',
    authorKind: kindOf(event, fieldsAt(message, 'author'), topic, lookups),
    internal: textAt(message, 'part_type') === 'note' || topic === 'conversation.admin.noted',
    authorVerified: null,
    tags,
    vip: isVip(firstContact(item)) || isVip(item),
    providerMessageId: null,
    sentAt: secondsAt(message, 'created_at') ?? secondsAt(event, 'created_at') ?? delivery.data.receivedAt,
  });
}

const CUSTOMERS = new Set(['user', 'lead', 'contact']);

function kindOf(event: Fields, author: Fields, topic: string, lookups: Lookups): AuthorKind {
  const type = textAt(author, 'type');
  if (type === 'bot' || topic === 'conversation.operator.replied') return 'bot';
  const id = idIn(author);
  if (id !== null && lookups.isOwnAuthor(`intercom:${workspaceOf(event)}:${id}`)) return 'bot';
  // Whoever is not surely a customer counts as a person: then nobody is talked over.
  return type !== null && CUSTOMERS.has(type) ? 'customer' : 'person';
}

function customerOf(event: Fields, lookups: Lookups): string | null {
  const ticketId = ticketIdOf(event);
  const known = ticketId === null ? null : lookups.customerOf(ticketId);
  if (known !== null) return known;
  const contact = customerIn(itemOf(event));
  const mailbox = mailboxIn(contact['email']);
  if (mailbox) return contactOfAddress(mailbox.address, lookups);
  const id = idIn(contact);
  return id === null ? null : contactOfId(`intercom:${workspaceOf(event)}`, id, lookups);
}

/** The customer as whoever of source and parts is one, else the conversation's first contact, of whom Intercom tells ids only. */
function customerIn(item: Fields): Fields {
  const authors = [fieldsAt(item, 'source'), ...partsOf(item)].map((message) => fieldsAt(message, 'author'));
  return authors.find((author) => CUSTOMERS.has(textAt(author, 'type') ?? '')) ?? firstContact(item);
}

function firstContact(item: Fields): Fields {
  const [contact] = listAt(fieldsAt(item, 'contacts'), 'contacts');
  return contact ?? {};
}

function newestPart(item: Fields): Fields {
  const part = partsOf(item).at(-1);
  if (!part) throw new BodyInvalid('data.item.conversation_parts must hold the part it is about');
  return part;
}

function partsOf(item: Fields): Fields[] {
  return listAt(fieldsAt(item, 'conversation_parts'), 'conversation_parts');
}

function isVip(fields: Fields): boolean {
  return (
    fields['vip'] === true || fieldsAt(fields, 'custom_attributes')['vip'] === true || fields['priority'] === 'vip'
  );
}

function itemOf(event: Fields): Fields {
  return fieldsAt(fieldsAt(event, 'data'), 'item');
}

function ticketIdOf(event: Fields): string | null {
  const id = idIn(itemOf(event));
  return id === null ? null : `intercom:${workspaceOf(event)}:${id}`;
}

function workspaceOf(event: Fields): string {
  return codeAt(event, 'app_id') ?? 'workspace';
}

/** Intercom writes ids as texts, and some as numbers. */
function idIn(fields: Fields): string | null {
  const value = fields['id'];
  return Number.isSafeInteger(value) ? String(value) : asCode(textAt(fields, 'id'));
}

/** The objects in the list at `name`. */
function listAt(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  if (!Array.isArray(value)) return [];
  return value.filter((one): one is Fields => typeof one === 'object' && one !== null && !Array.isArray(one));
}
