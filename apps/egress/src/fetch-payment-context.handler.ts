import { Injectable } from '@nestjs/common';
import { FetchPaymentContext } from '@towpath/contracts/payments/FetchPaymentContext.v1';
import { Handles } from '@towpath/service-kit/handles';
import type { Received } from '@towpath/service-kit/message';
import { ContextReader } from './context-reader.js';

/** Hands the question over; its answer is appended when it is there. */
@Injectable()
@Handles(FetchPaymentContext)
export class AnswerPaymentContext {
  constructor(private readonly reader: ContextReader) {}

  handle(question: Received<typeof FetchPaymentContext>): readonly [] {
    this.reader.offer(question);
    return [];
  }
}
