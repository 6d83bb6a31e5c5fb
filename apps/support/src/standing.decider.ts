import type { TicketCase } from './ticket-state.js';

/** Why nothing may be sent for a message now. */
export type Silence = 'person-owns' | 'superseded' | 'answered' | 'drafted';

/**
 * Whether the bot may still answer a message. Asked before anything is spent on a draft, again when the draft is done, and a
 * last time when it is sent: in between a person may have written, or the customer asked something else.
 */
export function silenceFor(state: TicketCase, messageId: string): Silence | undefined {
  if (state.owner === 'person') return 'person-owns';
  if (state.asked?.messageId !== messageId) return 'superseded';
  if (state.released?.messageId === messageId) return 'answered';
  return undefined;
}

/** The same for a message that is to be drafted: one that has a draft needs no other. */
export function silenceForDraft(state: TicketCase, messageId: string): Silence | undefined {
  return silenceFor(state, messageId) ?? (state.draft?.messageId === messageId ? 'drafted' : undefined);
}

export const SILENCE_WORDS: Readonly<Record<Silence, string>> = {
  'person-owns': 'a person has the ticket',
  superseded: 'the customer wrote again',
  answered: 'the message has its reply already',
  drafted: 'the message has its draft already',
};
