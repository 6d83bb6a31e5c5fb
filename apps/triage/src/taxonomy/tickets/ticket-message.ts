import { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import type { DataOf } from '@towpath/contracts/contract';
import { emit, type Emission } from '@towpath/service-kit/message';
import { asCode } from '../fields.js';
import { BODY_CHARS_MAX, looksLikeHtml, storable, textOfHtml, withoutQuotes } from './plain-text.js';

type Message = DataOf<typeof TicketReceived>;

/** Who wrote a message. Only a customer is answered by itself; a person is never talked over. */
export type AuthorKind = 'customer' | 'person' | 'bot';

/** A message as a provider tells it; text may be HTML. */
export interface Told extends Omit<Message, 'body' | 'subject' | 'tags' | 'vip' | 'authorKind'> {
  readonly authorKind: AuthorKind;
  readonly subject: string | null;
  readonly body: string;
  readonly tags: readonly unknown[];
  readonly vip?: boolean;
}

const TAGS_MAX = 32;
const SUBJECT_CHARS_MAX = 512;
/** A body of 256 kB may be all markup. */
const HTML_CHARS_MAX = 8 * BODY_CHARS_MAX;

export function ticketReceived(told: Told): Emission<typeof TicketReceived> {
  const raw = told.body.slice(0, HTML_CHARS_MAX);
  const text = looksLikeHtml(raw) ? textOfHtml(raw) : raw.replaceAll('\r\n', '\n');
  const tags = tagsIn(told.tags);
  return emit(TicketReceived, {
    ...told,
    subject: told.subject === null ? null : storable(told.subject.slice(0, SUBJECT_CHARS_MAX)),
    body: storable(withoutQuotes(text)),
    tags,
    vip: told.vip === true || tags.includes('vip'),
  });
}

/** Tags stay readable for ever, so only codes are kept: anything else may name a person. */
function tagsIn(values: readonly unknown[]): string[] {
  const tags = values.flatMap((value) => {
    const tag = typeof value === 'string' ? asCode(value.trim().toLowerCase()) : null;
    return tag === null ? [] : [tag];
  });
  return [...new Set(tags)].slice(0, TAGS_MAX);
}
