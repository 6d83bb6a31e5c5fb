import { BodyInvalid, asCode, codeAt, fieldsAt, requiredText, textAt, timeAt, type Fields } from './fields.js';
import { contactOfAddress, contactOfId, mailboxIn } from './tickets/contact.js';
import { ticketReceived, type AuthorKind } from './tickets/ticket-message.js';
import type { Delivered, Lookups, Routing, Taxonomy } from './taxonomy.js';

type Build = (event: Fields, delivery: Delivered, lookups: Lookups) => ReturnType<typeof ticketReceived>;

const EVENT = 'zen:event-type:';

/**
 * Zendesk's ticket events (`zen:event-type:ticket.…`), and `ticket.message`, which a trigger's webhook sends as
 * `docs/how-to/sources.md` writes it: a trigger can tell the requester's address, which the events can't.
 */
const routes: Readonly<Record<string, Build | 'ignored'>> = {
  [`${EVENT}ticket.created`]: ticketCreated,
  [`${EVENT}ticket.comment_added`]: commentAdded,
  'ticket.message': triggered,
  [`${EVENT}ticket.agent_assignment_changed`]: 'ignored',
  [`${EVENT}ticket.group_assignment_changed`]: 'ignored',
  [`${EVENT}ticket.priority_changed`]: 'ignored',
  [`${EVENT}ticket.status_changed`]: 'ignored',
  [`${EVENT}ticket.subject_changed`]: 'ignored',
  [`${EVENT}ticket.tags_changed`]: 'ignored',
  [`${EVENT}ticket.custom_field_changed`]: 'ignored',
};

export const zendesk: Taxonomy = {
  provider: 'zendesk',
  chargesOf: () => [],
  ticketOf: (body) => {
    const event = body as Fields;
    const id = idIn(fieldsAt(event, 'detail')) ?? idIn(fieldsAt(event, 'ticket'));
    return id === null ? null : ticketId(accountOf(event), id);
  },
  route(body, delivery, lookups): Routing {
    const event = body as Fields;
    const about = {
      providerType: codeAt(event, 'type') ?? 'unknown',
      providerEventId: codeAt(event, 'id'),
      owner: customerOf(event, lookups),
    };
    const route = Object.hasOwn(routes, about.providerType) ? routes[about.providerType] : undefined;
    if (route === undefined) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    if (route === 'ignored') return { kind: 'unrouted', about, reason: 'IGNORED_TYPE' };
    try {
      return { kind: 'routed', about, messages: [route(event, delivery, lookups)] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};

/** Zendesk tells of a ticket's first comment by `ticket.created`, and again by `ticket.comment_added`. */
const FIRST = 'first';
/** Between the two times that Zendesk writes for one moment. */
const SAME_MOMENT_MS = 2_000;

function ticketCreated(event: Fields, delivery: Delivered, lookups: Lookups) {
  const detail = fieldsAt(event, 'detail');
  const author = numberedAt(detail, 'submitter_id') ?? numberedAt(detail, 'actor_id');
  const requester = numberedAt(detail, 'requester_id');
  const internal = detail['is_public'] === false;
  return ticketReceived({
    ...ticketIn(event, delivery, lookups),
    messageId: FIRST,
    body: requiredText(detail, 'description'),
    authorKind: kindOf(event, author, author !== null && author !== requester, lookups),
    internal,
    sentAt: timeAt(detail, 'created_at', timeAt(event, 'time', delivery.data.receivedAt)),
  });
}

function commentAdded(event: Fields, delivery: Delivered, lookups: Lookups) {
  const detail = fieldsAt(event, 'detail');
  const comment = fieldsAt(fieldsAt(event, 'event'), 'comment');
  const author = fieldsAt(comment, 'author');
  const body = requiredText(comment, 'body');
  const sentAt = timeAt(event, 'time', delivery.data.receivedAt);
  const opens =
    body === textAt(detail, 'description') &&
    Math.abs(sentAt - timeAt(detail, 'created_at', Number.NEGATIVE_INFINITY)) <= SAME_MOMENT_MS;
  return ticketReceived({
    ...ticketIn(event, delivery, lookups),
    messageId: opens ? FIRST : requiredId(comment, 'event.comment.id'),
    body,
    authorKind: kindOf(event, idIn(author), author['is_staff'] === true, lookups),
    internal: comment['is_public'] === false,
    sentAt,
  });
}

function triggered(event: Fields, delivery: Delivered, lookups: Lookups) {
  const comment = fieldsAt(event, 'comment');
  const author = numberedAt(comment, 'author_id');
  const requester = idIn(fieldsAt(fieldsAt(event, 'ticket'), 'requester'));
  const body = requiredText(comment, 'body');
  return ticketReceived({
    ...ticketIn(event, delivery, lookups),
    // Placeholders tell no id of a comment; time and words of one author are as good.
    messageId: idIn(comment) ?? lookups.hash(`comment:${textAt(event, 'time')}:${author}:${body}`),
    body,
    authorKind: kindOf(event, author, author !== null && author !== requester, lookups),
    internal: comment['public'] === false || comment['public'] === 'false',
    sentAt: timeAt(event, 'time', delivery.data.receivedAt),
  });
}

/** What a message has from its ticket. */
function ticketIn(event: Fields, delivery: Delivered, lookups: Lookups) {
  const detail = { ...fieldsAt(event, 'ticket'), ...fieldsAt(event, 'detail') };
  const requester = fieldsAt(detail, 'requester');
  const customerId = customerOf(event, lookups);
  const id = idIn(detail);
  if (id === null || customerId === null)
    throw new BodyInvalid('it must name the ticket and its requester by their ids');
  const tags = Array.isArray(detail['tags'])
    ? (detail['tags'] as unknown[])
    : (textAt(detail, 'tags') ?? '').split(' ');
  return {
    ticketId: ticketId(accountOf(event), id),
    channel: 'zendesk',
    source: delivery.data.source,
    customerId,
    customerEmail: mailboxIn(requester['email'])?.address ?? null,
    accountId: codeAt(requester, 'external_id'),
    subject: textAt(detail, 'subject') ?? textAt(detail, 'title'),
    authorVerified: null,
    tags,
    providerMessageId: null,
  };
}

function kindOf(event: Fields, author: string | null, isStaff: boolean, lookups: Lookups): AuthorKind {
  if (author !== null && lookups.isOwnAuthor(`zendesk:${accountOf(event)}:${author}`)) return 'bot';
  return isStaff ? 'person' : 'customer';
}

/** Whose ticket it is: since its first message, else by address, else by Zendesk's id; null when it names nobody. */
function customerOf(event: Fields, lookups: Lookups): string | null {
  const account = accountOf(event);
  const ticket = fieldsAt(event, 'ticket');
  const detail = fieldsAt(event, 'detail');
  const id = idIn(detail) ?? idIn(ticket);
  const known = id === null ? null : lookups.customerOf(ticketId(account, id));
  if (known !== null) return known;
  const requester = fieldsAt(ticket, 'requester');
  const mailbox = mailboxIn(requester['email']);
  if (mailbox) return contactOfAddress(mailbox.address, lookups);
  const requesterId = numberedAt(detail, 'requester_id') ?? idIn(requester);
  return requesterId === null ? null : contactOfId(`zendesk:${account}`, requesterId, lookups);
}

function ticketId(account: string, id: string): string {
  return `zendesk:${account}:${id}`;
}

function accountOf(event: Fields): string {
  return numberedAt(event, 'account_id') ?? codeAt(event, 'account') ?? 'account';
}

function requiredId(fields: Fields, where: string): string {
  const id = idIn(fields);
  if (id === null) throw new BodyInvalid(`${where} must be an id`);
  return id;
}

function idIn(fields: Fields): string | null {
  return numberedAt(fields, 'id');
}

/** Zendesk writes ids as numbers and as texts. */
function numberedAt(fields: Fields, name: string): string | null {
  const value = fields[name];
  return Number.isSafeInteger(value) ? String(value) : asCode(textAt(fields, name));
}
