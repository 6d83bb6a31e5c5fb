import { INBOX_KEEP_DAYS } from '@towpath/event-store/inbox';
import type { InboxMark } from '@towpath/event-store/types';
import type { InboundRecord } from '@towpath/kafka/record';
import { topicSettings } from '@towpath/contracts/topics';
import type { Received } from '../message.js';
import type { Item } from './item.js';

const DAY_MS = 86_400_000;
/** The database's clock may be before ours, and its days are whole. */
const EARLY_DAYS = 2;

const keptForEver = new Set(topicSettings().flatMap(({ name, retentionMs }) => (retentionMs < 0 ? [name] : [])));

/** The place of a message that may come again after any time; undefined for one of a finite topic or from no stream. */
export function markOf(
  { topic }: Pick<InboundRecord, 'topic'>,
  { source, type }: Pick<Received, 'source' | 'type'>,
  { stream, sequence }: { readonly stream?: string; readonly sequence?: number },
): InboxMark | undefined {
  if (!keptForEver.has(topic) || stream === undefined || sequence === undefined) return undefined;
  if (stream.includes('\u0000')) return undefined;
  return { key: `${source}/${stream} ${type}`, sequence };
}

/** The messages that the inbox may have forgotten, but not their marks. */
export function forgettable(items: readonly Item[], now: Date): Item[] {
  const before = now.getTime() - (INBOX_KEEP_DAYS - EARLY_DAYS) * DAY_MS;
  return items.filter(({ inbox, message }) => inbox?.mark && message.time.getTime() < before);
}

/** What was seen, with those of `old` that stand below the mark: first occurrences come in order, so they came before. */
export function withForgotten(
  seen: ReadonlyMap<string, Buffer>,
  old: readonly Item[],
  marks: ReadonlyMap<string, number>,
): ReadonlyMap<string, Buffer> {
  const known = new Map(seen);
  for (const { inbox } of old) {
    const { id, fingerprint, mark } = inbox!;
    if (!known.has(id) && mark!.sequence <= (marks.get(mark!.key) ?? 0)) known.set(id, fingerprint);
  }
  return known;
}
