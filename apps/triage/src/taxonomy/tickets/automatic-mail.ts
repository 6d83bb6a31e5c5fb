import { fieldsAt, textAt, type Fields } from '../fields.js';
import { mailboxIn } from './contact.js';

/**
 * Whether no human wrote a mail: out-of-office notes, bounces, lists, newsletters. Answering them begins loops (RFC 3834, section 2).
 */
export function isAutomatic(data: Fields): boolean {
  const submitted = header(data, 'auto-submitted')?.toLowerCase();
  if (submitted !== undefined && submitted !== 'no') return true;
  if (/^(?:bulk|junk|list|auto_reply)$/i.test(header(data, 'precedence') ?? '')) return true;
  const marks = ['list-id', 'list-unsubscribe', 'x-autoreply', 'x-autorespond', 'x-auto-response-suppress'];
  if (marks.some((name) => header(data, name) !== undefined)) return true;
  // A bounce comes from nobody: RFC 5321's empty return path.
  if (header(data, 'return-path') === '<>') return true;
  return /^(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply)@/i.test(mailboxIn(data['from'])?.address ?? '');
}

/** A header by its lower-case name, from `{ Name: value }` or `[{ name, value }]`. */
function header(data: Fields, name: string): string | undefined {
  const headers = data['headers'];
  const pairs: [string, unknown][] = Array.isArray(headers)
    ? (headers as Fields[]).map((one) => [textAt(one ?? {}, 'name') ?? '', (one ?? {})['value']])
    : Object.entries(fieldsAt(data, 'headers'));
  const value = pairs.find(([known]) => known.toLowerCase() === name)?.[1];
  return typeof value === 'string' ? value.trim() : undefined;
}
