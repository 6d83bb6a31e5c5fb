import { PaymentContextFetched } from '@towpath/contracts/egress/PaymentContextFetched.v1';
import { PaymentContextUnavailable } from '@towpath/contracts/egress/PaymentContextUnavailable.v1';
import type { FetchPaymentContext } from '@towpath/contracts/payments/FetchPaymentContext.v1';
import type { Decisions } from '@towpath/service-kit/decisions';
import { emit, type Received } from '@towpath/service-kit/message';
import type { Logger } from '@towpath/service-kit/logger';
import { inTraceOf } from '@towpath/service-kit/tracing/in-trace-of';
import type { readPaymentContext } from './adapters/stripe/payment-context.js';
import { readFailure } from './adapters/stripe/stripe-result.js';
import { Slots } from './slots.js';

type Asked = Received<typeof FetchPaymentContext>;

export interface ContextReaderOptions {
  readonly decisions: Pick<Decisions, 'run'>;
  readonly logger: Pick<Logger, 'error'>;
  readonly concurrency: number;
  /** after this age of the question nobody waits for its answer any more */
  readonly askedMsMax: number;
  read(paymentId: string): Promise<Awaited<ReturnType<typeof readPaymentContext>>>;
}

/** Questions in flight at most; more are answered at once with `TOO_BUSY`. */
const RUNNING_MAX = 2_000;

/**
 * Answers questions about payments. Reads change nothing, so they have no ledger: a question whose inbox row is committed
 * when the process is killed is never answered. That is enough, because fraud set a timer of its own in the transaction
 * that asked: 800 ms later it decides without, and records what was missing. A restart takes longer than that, so an
 * answer after it would come too late anyway. The same question is read once, however often its group is decided.
 */
export class ContextReader {
  private readonly running = new Map<string, Promise<void>>();
  private readonly slots: Slots;

  constructor(private readonly options: ContextReaderOptions) {
    this.slots = new Slots(options.concurrency);
  }

  /** May be called several times for the same question, and before the question's inbox row is committed. */
  offer(question: Asked): void {
    if (this.running.has(question.id)) return;
    const answered = this.answer(question)
      .catch((err: unknown) => {
        const about = { event_id: question.id, event_type: question.type, correlation_id: question.correlationId };
        this.options.logger.error({ err, ...about }, 'context.lost');
      })
      .finally(() => this.running.delete(question.id));
    this.running.set(question.id, answered);
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.running.values());
  }

  private async answer(question: Asked): Promise<void> {
    const { wanted: _, ...asked } = question.data;
    const found = await this.found(question);
    await this.options.decisions.run({
      step: 'answer-context',
      cause: question,
      emits: [PaymentContextFetched, PaymentContextUnavailable],
      decide: ({ now }) =>
        'code' in found
          ? [emit(PaymentContextUnavailable, { ...asked, ...found, failedAt: now.getTime() })]
          : [emit(PaymentContextFetched, { ...asked, ...found, fetchedAt: now.getTime() })],
    });
  }

  private async found(question: Asked) {
    if (this.running.size >= RUNNING_MAX) return { code: 'TOO_BUSY', detail: `${this.running.size} reads are waiting` };
    await this.slots.take();
    try {
      if (Date.now() - question.time.getTime() > this.options.askedMsMax)
        return { code: 'ASKED_TOO_LONG_AGO', detail: 'nobody waits for the answer any more' };
      return await inTraceOf(question, () => this.options.read(question.data.paymentId));
    } catch (error) {
      return readFailure(error);
    } finally {
      this.slots.give();
    }
  }
}
