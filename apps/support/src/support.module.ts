import { AgentsModule } from '@towpath/agents/agents.module';
import { Service } from '@towpath/service-kit/service';
import { AnswerTicket } from './answer-ticket.handler.js';
import { Answering, MacroFile } from './answer-ticket.js';
import { supportConfig } from './config.js';
import { DecideReplyReview } from './decide-review.handler.js';
import { accounts } from './history/accounts.projection.js';
import { customers } from './history/customers.projection.js';
import { NoteBlockedPayment } from './note-blocked-payment.handler.js';
import { NoteFailedPayment } from './note-failed-payment.handler.js';
import { NoteHeldPayment } from './note-held-payment.handler.js';
import { NoteResolvedPayment } from './note-resolved-payment.handler.js';
import { NoteTicketMessage } from './note-ticket-message.handler.js';
import { outcomes } from './outcomes.js';
import { RecordConfirmedEffect } from './record-confirmed-effect.handler.js';
import { RecordFailedEffect } from './record-failed-effect.handler.js';
import { RecordUnknownEffect } from './record-unknown-effect.handler.js';
import { RedraftReply } from './redraft-reply.handler.js';
import { ReleaseTicketToBot } from './release-ticket.handler.js';
import { SendDueReply } from './send-due-reply.handler.js';
import { TakeTicketOver } from './take-ticket.handler.js';
import { ticketCase } from './ticket-case.js';
import { TicketTexts } from './ticket-texts.js';

export const aggregates = [ticketCase] as const;

export const projections = [customers, accounts] as const;

export const handlers = [
  NoteTicketMessage,
  AnswerTicket,
  RedraftReply,
  DecideReplyReview,
  SendDueReply,
  TakeTicketOver,
  ReleaseTicketToBot,
  RecordConfirmedEffect,
  RecordFailedEffect,
  RecordUnknownEffect,
  NoteBlockedPayment,
  NoteHeldPayment,
  NoteResolvedPayment,
  NoteFailedPayment,
];

/** Answers customers from what is known, or gives them to a person; never talks over one. */
@Service({
  name: 'support',
  imports: [AgentsModule],
  handlers,
  aggregates: [...aggregates],
  projections: [...projections],
  config: supportConfig,
  outcomes,
  providers: [MacroFile, TicketTexts, Answering],
})
export class SupportModule {}
