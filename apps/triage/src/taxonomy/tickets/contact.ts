import type { Fields } from '../fields.js';
import { textAt } from '../fields.js';
import type { Lookups } from '../taxonomy.js';

/** A person by the e-mail address, the same in every channel; whatever case and space the address was written in. */
export function contactOfAddress(address: string, lookups: Pick<Lookups, 'hash'>): string {
  return `contact_${lookups.hash(`email:${address.trim().toLowerCase()}`)}`;
}

/** A person by a provider's own id, when no address is told. */
export function contactOfId(account: string, id: string, lookups: Pick<Lookups, 'hash'>): string {
  return `contact_${lookups.hash(`id:${account}:${id}`)}`;
}

/** An address and the name before it, as mail headers and mail services write them. */
export interface Mailbox {
  readonly address: string;
}

const ADDRESS = /^[^\s<>@,;"]{1,64}@[^\s<>@,;"]{1,255}$/;
const MAILBOX_CHARS_MAX = 1_000;

/** The first mailbox in `value`: `Ann <ann@example.org>`, `{ address }`, `{ email }`, or a list of these; null when there is none. */
export function mailboxIn(value: unknown): Mailbox | null {
  if (Array.isArray(value)) return value.length > 0 ? mailboxIn(value[0]) : null;
  if (typeof value === 'object' && value !== null) {
    return mailboxIn(textAt(value as Fields, 'address') ?? textAt(value as Fields, 'email'));
  }
  if (typeof value !== 'string' || value.length > MAILBOX_CHARS_MAX) return null;
  const open = value.lastIndexOf('<');
  const close = value.indexOf('>', open);
  const address = (open >= 0 && close > open ? value.slice(open + 1, close) : value).trim();
  return ADDRESS.test(address) ? { address } : null;
}
