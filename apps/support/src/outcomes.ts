import { ReplyDrafted } from '@towpath/contracts/support/ReplyDrafted.v1';
import { ReplyWithheld } from '@towpath/contracts/support/ReplyWithheld.v1';
import { TicketEscalated } from '@towpath/contracts/support/TicketEscalated.v1';
import { outcome, type Outcome } from '@towpath/service-kit/replay/outcome';
import { ESCALATIONS_QUEUE } from './agent/support-acts.js';

interface OfMessage {
  readonly ticketId: string;
  readonly messageId: string;
}

const answerTo = ({ ticketId, messageId }: OfMessage): string => `${ticketId}/${messageId}`;
const queueOf = (about: OfMessage): string => `${answerTo(about)} queue`;

const DECIDED_BEFORE = ['answered', 'drafted'];

/**
 * What is decided of each message of a customer: whether it is answered (`auto-send`), a person reads the draft first (`draft`), a person
 * gets the ticket (`escalate`) or nothing is said (`silent`); and who has it then.
 */
export const outcomes: readonly Outcome[] = [
  outcome(ReplyDrafted, {
    subject: answerTo,
    answer: ({ disposition }) => (disposition === 'send' ? 'auto-send' : 'draft'),
  }),
  outcome(TicketEscalated, { subject: answerTo, answer: () => 'escalate' }),
  outcome(ReplyWithheld, {
    subject: answerTo,
    // A draft that is dropped later was decided all the same, and so was a message that comes again.
    answer: ({ replyId, code }) => (replyId !== null || DECIDED_BEFORE.includes(code) ? undefined : 'silent'),
  }),
  outcome(ReplyDrafted, { subject: queueOf, answer: ({ specialist }) => specialist }),
  outcome(TicketEscalated, { subject: queueOf, answer: () => ESCALATIONS_QUEUE }),
];
