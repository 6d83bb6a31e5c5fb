import { Injectable } from '@nestjs/common';
import { RedraftDue } from '@towpath/contracts/support/RedraftDue.v1';
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

type Message = Received<typeof RedraftDue>;

/** Drafts anew what was decided on evidence that had moved on, such as a macro with a new version. */
@Injectable()
@Handles(RedraftDue, { mode: 'queued', emits: ANSWERING, concurrency: 4, timeoutMs: 60_000 })
export class RedraftReply implements QueuedHandler<typeof RedraftDue, typeof ANSWERING, Worked> {
  constructor(private readonly answering: Answering) {}

  reads({ data }: Message): Reads {
    return { streams: [ticketCase.of(data.ticketId)], rows: [customers.at(data.customerId)] };
  }

  work(message: Message, context: WorkContext): Promise<Worked> {
    return this.answering.answer({ ...message.data, outOfScope: false }, message, context);
  }

  handle({ data }: Message, state: DecisionState, worked: Worked): Emission<(typeof ANSWERING)[number]>[] {
    const { macros } = this.answering.file;
    const asked = { ...data, outOfScope: false };
    return decideAnswer(worked, { asked, state: state.of(ticketCase, data.ticketId), macros, now: state.now });
  }
}
