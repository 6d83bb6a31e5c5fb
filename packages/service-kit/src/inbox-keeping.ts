import { INBOX_KEEP_DAYS } from '@towpath/event-store/inbox';

const DAY_MS = 86_400_000;
/** Providers send again for days: Stripe for 3, GitHub on request, none we know for more than 7. */
const PROVIDER_RETRY_DAYS = 7;

/** A repeat could come when its first is forgotten. Code `INBOX_TOO_SHORT`. */
export class InboxTooShort extends Error {
  readonly code = 'INBOX_TOO_SHORT';

  constructor(what: string, days: number, keepDays: number) {
    super(
      `INBOX_TOO_SHORT: ${what} ${days} days, but inboxes keep messages for ${keepDays}: a repeat could be decided twice. ` +
        `Fix: shorten its retention in topics.yaml, or raise INBOX_KEEP_DAYS above ${days} in packages/event-store/src/inbox.ts.`,
    );
    this.name = 'InboxTooShort';
  }
}

/** What a topic can bring again as long as it keeps it. */
export interface RepeatSource {
  readonly name: string;
  /** milliseconds; -1 = for ever, which marks take care of */
  readonly retentionMs: number;
}

/** Throws `InboxTooShort` unless every repeat of a finite topic and of a provider comes while the inbox knows the first. */
export function checkInboxKeeping(topics: readonly RepeatSource[], keepDays: number = INBOX_KEEP_DAYS): void {
  for (const { name, retentionMs } of topics) {
    const days = Math.ceil(retentionMs / DAY_MS);
    if (retentionMs >= 0 && days >= keepDays)
      throw new InboxTooShort(`topic ${name} keeps records for`, days, keepDays);
  }
  if (PROVIDER_RETRY_DAYS >= keepDays)
    throw new InboxTooShort('providers send again for', PROVIDER_RETRY_DAYS, keepDays);
}
