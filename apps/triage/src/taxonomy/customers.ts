import { CustomerSignedUp } from '@towpath/contracts/customers/CustomerSignedUp.v1';
import { FormCompleted } from '@towpath/contracts/customers/FormCompleted.v1';
import { ProductTriggerFired } from '@towpath/contracts/customers/ProductTriggerFired.v1';
import { emit, raise } from '@towpath/service-kit/message';
import type { DomainMessage } from '../domain-contracts.js';
import { asCode, BodyInvalid, codeAt, fieldsAt, requiredCode, textAt, timeAt, type Fields } from './fields.js';
import { contactOfAddress, mailboxIn } from './tickets/contact.js';
import type { Delivered, Routing, Taxonomy } from './taxonomy.js';

/** What a route knows besides the data of its event. */
interface Told {
  readonly source: string;
  readonly contactId: string;
  readonly email: string;
  readonly at: number;
}

/** Where the person of an event stands in its data. */
const PERSON = { 'customer.signed_up': 'customer', 'form.completed': 'contact', 'product.trigger_fired': 'contact' };
type Type = keyof typeof PERSON;

const ROUTES: Readonly<Record<Type, (data: Fields, told: Told) => DomainMessage>> = {
  'customer.signed_up': (data, { contactId: customerId, email, source, at: signedUpAt }) => {
    const customer = fieldsAt(data, 'customer');
    const person = { email, name: text(customer, 'name'), company: text(customer, 'company') };
    const plan = requiredCode(data, 'plan');
    return emit(CustomerSignedUp, { customerId, source, ...person, plan, country: country(customer), signedUpAt });
  },
  'form.completed': (data, { contactId, email, source, at: completedAt }) => {
    const contact = fieldsAt(data, 'contact');
    const form = emit(FormCompleted, {
      ...{ contactId, source, email, name: text(contact, 'name'), company: text(contact, 'company') },
      submissionId: requiredCode(data, 'submissionId'),
      form: requiredCode(data, 'form'),
      jobTitle: text(contact, 'jobTitle'),
      country: country(contact),
      employees: count(contact, 'employees'),
      interests: codes(data, 'interests'),
      message: text(data, 'message', MESSAGE_CHARS_MAX),
      mayMail: data['mayMail'] === true,
      completedAt,
    });
    // The site signs it; a stranger wrote it.
    return raise(form, 'untrusted');
  },
  'product.trigger_fired': (data, { contactId, email, source, at: firedAt }) => {
    const contact = fieldsAt(data, 'contact');
    const trigger = emit(ProductTriggerFired, {
      ...{ contactId, source, email, name: text(contact, 'name'), company: text(contact, 'company') },
      triggerId: requiredCode(data, 'triggerId'),
      product: requiredCode(data, 'product'),
      trigger: requiredCode(data, 'trigger'),
      country: country(contact),
      plan: codeAt(data, 'plan'),
      count: count(data, 'count'),
      mayMail: data['mayMail'] === true,
      firedAt,
    });
    return raise(trigger, 'untrusted');
  },
};

/** Sign-ups, forms and product triggers, as a team's own site and products send them by Standard Webhooks: `{ type, timestamp, data }`. */
export const customers: Taxonomy = {
  provider: 'customers',
  chargesOf: () => [],
  route(body, delivery, lookups): Routing {
    const event = body as Fields;
    const type = codeAt(event, 'type') ?? 'unknown';
    const data = fieldsAt(event, 'data');
    const mailbox = isKnown(type) ? mailboxIn(fieldsAt(data, PERSON[type])['email']) : null;
    const contactId = mailbox === null ? null : contactOfAddress(mailbox.address, lookups);
    const about = { providerType: type, providerEventId: asCode(delivery.data.signedId), owner: contactId };
    if (!isKnown(type)) return { kind: 'unrouted', about, reason: 'UNKNOWN_TYPE' };
    try {
      if (mailbox === null || contactId === null)
        throw new BodyInvalid(`${PERSON[type]}.email must be an e-mail address`);
      const message = ROUTES[type](data, toldBy(event, delivery, { contactId, email: mailbox.address }));
      return { kind: 'routed', about, messages: [message] };
    } catch (error) {
      if (!(error instanceof BodyInvalid)) throw error;
      return { kind: 'refused', about, code: 'BODY_INVALID', detail: error.message };
    }
  },
};

const TEXT_CHARS_MAX = 200;
const MESSAGE_CHARS_MAX = 4_096;
const CODES_MAX = 8;
/** Far above any company and any counter, and far below what would lose digits. */
const COUNT_MAX = 1_000_000_000_000;

function toldBy(event: Fields, { data }: Delivered, who: Pick<Told, 'contactId' | 'email'>): Told {
  return { ...who, source: data.source, at: timeAt(event, 'timestamp', data.receivedAt) };
}

function isKnown(type: string): type is Type {
  return Object.hasOwn(PERSON, type);
}

/** What people wrote into a field; too much of it is cut, not refused. */
function text(fields: Fields, name: string, charsMax = TEXT_CHARS_MAX): string | null {
  const value = textAt(fields, name)?.trim() ?? '';
  return value === '' ? null : value.slice(0, charsMax);
}

function country(fields: Fields): string | null {
  const code = textAt(fields, 'country')?.trim().toUpperCase() ?? '';
  return /^[A-Z]{2}$/.test(code) ? code : null;
}

/** Codes stay readable for ever; anything else may name a person and is left out. */
function codes(fields: Fields, name: string): string[] {
  const value = fields[name];
  const found = Array.isArray(value) ? value.flatMap((one) => asCode(typeof one === 'string' ? one : null) ?? []) : [];
  return [...new Set(found)].slice(0, CODES_MAX);
}

function count(fields: Fields, name: string): number | null {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (!Number.isSafeInteger(value) || (value as number) < 0 || (value as number) > COUNT_MAX) {
    throw new BodyInvalid(`${name} must be a whole number from 0`);
  }
  return value as number;
}
