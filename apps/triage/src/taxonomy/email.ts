import { BodyInvalid, asCode, codeAt, fieldsAt, textAt, timeAt, type Fields } from './fields.js';
import { contactOfAddress, mailboxIn, type Mailbox } from './tickets/contact.js';
import { isAutomatic } from './tickets/automatic-mail.js';
import { textOfHtml } from './tickets/plain-text.js';
import { ticketReceived, type AuthorKind } from './tickets/ticket-message.js';
import type { Delivered, Lookups, Routing, Taxonomy } from './taxonomy.js';

/**
 * Mail, as whatever takes it tells of it by Standard Webhooks: `email.received` for what came in, and `email.sent` for what one of
 * us answered by hand: `{ type, timestamp, data: { messageId, from, to, subject, text or html, inReplyTo, references, headers,
 * authentication: { dmarc } } }`.
 */
export const email: Taxonomy = {
  provider: 'email',
  chargesOf: () => [],
  ticketOf: (body, delivery, lookups) => {
    const event = body as Fields;
    const customer = customerIn(event);
    return customer === null ? null : ticketIdOf(fieldsAt(event, 'data'), customer, delivery, lookups);
  },
  route(body, delivery, lookups): Routing {
    const event = body as Fields;
    const customer = customerIn(event);
    const about = {
      providerType: codeAt(event, 'type') ?? 'unknown',
      providerEventId: asCode(delivery.data.signedId),
      owner: customer === null ? null : contactOfAddress(customer.address, lookups),
    };
    if (!TYPES.has(about.providerType)) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    try {
      if (customer === null) throw new BodyInvalid('data.from (or, of a sent one, data.to) must be an e-mail address');
      return { kind: 'routed', about, messages: [received(event, customer, delivery, lookups)] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};

const TYPES = new Set(['email.received', 'email.sent']);

function received(event: Fields, customer: Mailbox, delivery: Delivered, lookups: Lookups) {
  const data = fieldsAt(event, 'data');
  const html = textAt(data, 'html');
  const body = textAt(data, 'text') ?? (html === null ? null : textOfHtml(html));
  if (body === null) throw new BodyInvalid('data.text or data.html must be a non-empty text');
  const messageId = messageIdOf(data);
  if (messageId === null) throw new BodyInvalid('data.messageId must be the Message-ID');
  return ticketReceived({
    ticketId: ticketIdOf(data, customer, delivery, lookups),
    messageId: lookups.hash(`mail:${messageId}`),
    channel: 'email',
    source: delivery.data.source,
    customerId: contactOfAddress(customer.address, lookups),
    customerEmail: customer.address,
    accountId: null,
    subject: textAt(data, 'subject'),
    body,
    authorKind: kindOf(event, lookups),
    internal: false,
    authorVerified: verified(data),
    tags: Array.isArray(data['tags']) ? (data['tags'] as unknown[]) : [],
    providerMessageId: messageId,
    sentAt: timeAt(event, 'timestamp', delivery.data.receivedAt),
  });
}

function kindOf(event: Fields, lookups: Lookups): AuthorKind {
  const data = fieldsAt(event, 'data');
  const from = mailboxIn(data['from']);
  if (from && lookups.isOwnAuthor(`email:${from.address.toLowerCase()}`)) return 'bot';
  if (codeAt(event, 'type') === 'email.sent') return 'person';
  return isAutomatic(data) ? 'bot' : 'customer';
}

/** DMARC as whoever took the mail checked it; the headers are the sender's own words and prove nothing. */
function verified(data: Fields): boolean | null {
  const result = textAt(fieldsAt(data, 'authentication'), 'dmarc')?.toLowerCase();
  return result === undefined ? null : result === 'pass';
}

function customerIn(event: Fields): Mailbox | null {
  const data = fieldsAt(event, 'data');
  return mailboxIn(codeAt(event, 'type') === 'email.sent' ? data['to'] : data['from']);
}

/**
 * The thread by its first message, and the customer: whoever else writes into a thread opens a ticket of their own. References are
 * the sender's own words, and must not lead into somebody else's history.
 */
function ticketIdOf(data: Fields, customer: Mailbox, delivery: Delivered, lookups: Pick<Lookups, 'hash'>): string {
  const root = referencesOf(data)[0] ?? textAt(data, 'inReplyTo') ?? messageIdOf(data) ?? delivery.id;
  const thread = lookups.hash(`thread:${root}:${customer.address.toLowerCase()}`);
  return `email:${delivery.data.source}:${thread}`;
}

function referencesOf(data: Fields): string[] {
  const value = data['references'];
  const list: unknown[] = Array.isArray(value) ? value : typeof value === 'string' ? value.split(/\s+/) : [];
  return list.filter((one): one is string => typeof one === 'string' && one !== '');
}

const MESSAGE_ID_CHARS_MAX = 998;

/** RFC 5322 allows lines of 998 characters. */
function messageIdOf(data: Fields): string | null {
  const id = textAt(data, 'messageId');
  return id !== null && id.length <= MESSAGE_ID_CHARS_MAX && !/\p{Cc}/u.test(id) ? id.toWellFormed() : null;
}
