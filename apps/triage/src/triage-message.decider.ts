import type { DataOf } from '@towpath/contracts/contract';
import type { TicketReceived } from '@towpath/contracts/tickets/TicketReceived.v1';
import type { TicketTriaged } from '@towpath/contracts/tickets/TicketTriaged.v1';

/** What a classifier says of a text. */
export interface Classified {
  readonly intent: string;
  /** calibrated probability that the intent is right */
  readonly confidence: number;
  readonly queue: string;
  readonly outOfScope: boolean;
}

/** A classifier: pure, the same answer for the same text and version, for ever. */
export interface Classifier {
  readonly version: string;
  classify(text: string): Classified;
}

/** What a message is about; null when no customer wrote it, or nothing is written. */
export function triage(
  message: DataOf<typeof TicketReceived>,
  classifier: Classifier,
): DataOf<typeof TicketTriaged> | null {
  const { ticketId, messageId, customerId, subject, body } = message;
  if (message.authorKind !== 'customer') return null;
  const classified = classifier.classify(subject === null ? body : `${subject}\n${body}`);
  return { ticketId, messageId, customerId, ...classified, modelVersion: classifier.version };
}
