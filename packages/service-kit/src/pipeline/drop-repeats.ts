import { dayOf, type InboxId, type InboxRow, type Repeat } from '@towpath/event-store/types';
import type { Item } from './item.js';

export interface Sifted {
  readonly fresh: Item[];
  readonly repeats: Item[];
}

/**
 * Splits a group into messages to decide and repeats: of the inbox, or of an earlier message of the group. Where the
 * handler names a fingerprint, the same id with another fingerprint is no repeat; the handler decides what it means.
 */
export function dropRepeats(items: readonly Item[], seen: ReadonlyMap<string, Buffer>): Sifted {
  const known = new Map(seen);
  const sifted: Sifted = { fresh: [], repeats: [] };
  for (const item of items) {
    const { inbox } = item;
    // Its first coming put it into the inbox.
    if (item.held) {
      sifted.fresh.push(item);
      continue;
    }
    const first = inbox && known.get(inbox.id);
    const differs = first !== undefined && item.handler.instance.fingerprint && !first.equals(inbox!.fingerprint);
    const id = differs ? reusedId(item) : inbox?.id;
    if (id !== undefined && known.has(id)) {
      sifted.repeats.push(item);
      continue;
    }
    if (id !== undefined) known.set(id, inbox!.fingerprint);
    sifted.fresh.push(differs ? { ...item, inbox: { ...inbox!, id: reusedId(item) } } : item);
  }
  return sifted;
}

/** The inbox rows that could know a message. */
export function inboxIdsOf(item: Item): InboxId[] {
  if (!item.inbox || item.held) return [];
  const day = dayOf(item.message.time);
  const ids = [{ eventId: item.inbox.id, day }];
  if (item.handler.instance.fingerprint) ids.push({ eventId: reusedId(item), day });
  return ids;
}

/** The row that makes the inbox know a message. */
export function inboxRowOf(item: Item, { fingerprint, mark }: NonNullable<Item['inbox']>): InboxRow {
  return { ...inboxIdsOf(item)[0]!, fingerprint, ...(mark && { mark }) };
}

/** How often each id came again, for the first one's inbox row. */
export function countRepeats(repeats: readonly Item[]): Repeat[] {
  const counts = new Map<string, Repeat>();
  for (const { inbox, message } of repeats) {
    const day = dayOf(message.time);
    const count = (counts.get(`${inbox!.id}/${day}`)?.count ?? 0) + 1;
    counts.set(`${inbox!.id}/${day}`, { eventId: inbox!.id, day, count });
  }
  return [...counts.values()];
}

function reusedId({ message, inbox }: Item): string {
  return `${message.id}#${inbox!.fingerprint.toString('hex').slice(0, 16)}`;
}
