import type { Cited } from './draft/evidence.js';

/** Where the conversation stands. Says nothing of who works on it: that is `owner` and `specialists`. */
export type Status = 'new' | 'open' | 'drafted' | 'in-review' | 'answered' | 'closed-by-person';

/** A draft that nobody sent or dropped yet. */
export interface OpenDraft {
  readonly replyId: string;
  readonly messageId: string;
  readonly actionHash: string;
  readonly textHash: string;
  readonly cited: readonly Cited[];
  readonly intent: string;
  readonly confidence: number;
  readonly specialist: string;
  /** the review that decides it; absent when it goes out by itself */
  readonly reviewId?: string;
}

/** One ticket's case. Holds ids and marks only: texts are read from the events, with the customer's key. */
export interface TicketCase {
  readonly status: Status;
  /** who may speak: the bot, or a person until the ticket is released */
  readonly owner: 'bot' | 'person';
  /** every specialist that had it, oldest first; kept apart from status and owner, so neither can lose it */
  readonly specialists: readonly string[];
  readonly escalated: boolean;
  readonly ticketId?: string;
  readonly customerId?: string;
  readonly accountId?: string | null;
  readonly channel?: string;
  readonly vip: boolean;
  /** the newest message of the customer by the time it was written */
  readonly asked?: { readonly messageId: string; readonly sentAt: number };
  /** ids of the newest messages: a provider may tell of one twice, in different words */
  readonly messages: readonly string[];
  /** the customer's messages since anybody answered */
  readonly unanswered: number;
  readonly draft?: OpenDraft;
  /** the last reply given to egress, whatever became of it */
  readonly released?: { readonly replyId: string; readonly messageId: string; readonly settled: boolean };
}
