import { Injectable } from '@nestjs/common';
import { TicketTriaged } from '@towpath/contracts/tickets/TicketTriaged.v1';
import {
  Handles,
  type DecisionState,
  type QueuedHandler,
  type Reads,
  type WorkContext,
} from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { ANSWERING, Answering, type Worked } from './answer-ticket.js';
import { decideAnswer } from './decide-answer.js';
import { customers } from './history/customers.projection.js';
import { ticketCase } from './ticket-case.js';

type Message = Received<typeof TicketTriaged>;

/** Answers a customer's message that triage has classified, or gives it to a person. */
@Injectable()
@Handles(TicketTriaged, { mode: 'queued', emits: ANSWERING, concurrency: 4, timeoutMs: 60_000 })
export class AnswerTicket implements QueuedHandler<typeof TicketTriaged, typeof ANSWERING, Worked> {
  constructor(private readonly answering: Answering) {}

  reads({ data }: Message): Reads {
    return { streams: [ticketCase.of(data.ticketId)], rows: [customers.at(data.customerId)] };
  }

  work(message: Message, context: WorkContext): Promise<Worked> {
    return this.answering.answer(message.data, message, context);
  }

  handle({ data }: Message, state: DecisionState, worked: Worked): Emission<(typeof ANSWERING)[number]>[] {
    const { macros } = this.answering.file;
    return decideAnswer(worked, { asked: data, state: state.of(ticketCase, data.ticketId), macros, now: state.now });
  }
}
