import { Inject, Injectable } from '@nestjs/common';
import type { Outcome } from '@towpath/agents/outcome';
import { Runner } from '@towpath/agents/runner';
import { PurchaseNoted } from '@towpath/contracts/growth/PurchaseNoted.v1';
import { ThankYouNoteSent } from '@towpath/contracts/growth/ThankYouNoteSent.v1';
import { SendMail } from '@towpath/contracts/mail/SendMail.v1';
import { PurchaseCompleted } from '@towpath/contracts/orders/PurchaseCompleted.v1';
import { erased } from '@towpath/event-store/cipher';
import {
  Handles,
  type DecisionState,
  type QueuedHandler,
  type Reads,
  type WorkContext,
} from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { CONFIG } from '@towpath/service-kit/platform';
import type { GrowthConfig } from '../config.js';
import { letter } from '../onboarding/mails.js';
import { factsOf, type NoteFacts } from './note-facts.js';
import { noteWriter, type ChosenNote } from './note-writer.agent.js';
import { purchases } from './purchases.js';
import { mostParticular, paragraphsOf } from './sentences.js';

const EMITS = [PurchaseNoted, ThankYouNoteSent, SendMail] as const;
type Message = Received<typeof PurchaseCompleted>;

/** What the work came to. */
interface Note extends Pick<Outcome<ChosenNote>, 'decidedBy' | 'reasons' | 'runId'> {
  readonly facts: NoteFacts;
  readonly sentences: readonly string[];
}

/** Thanks a customer for a purchase in words that know of their earlier ones. What else hears of the purchase does not notice. */
@Injectable()
@Handles(PurchaseCompleted, { mode: 'queued', emits: EMITS, decrypts: true, timeoutMs: 40_000 })
export class ThankCustomer implements QueuedHandler<typeof PurchaseCompleted, typeof EMITS, Note | undefined> {
  constructor(
    private readonly runner: Runner,
    @Inject(CONFIG) private readonly config: Pick<GrowthConfig, 'GROWTH_SIGNED_BY'>,
  ) {}

  reads({ data }: Message): Reads {
    return { streams: [purchases.of(data.customerId)] };
  }

  async work(message: Message, { signal, state, firstTry }: WorkContext): Promise<Note | undefined> {
    const { customerId, email, itemsText } = message.data;
    if (email === erased) return undefined;
    const items = itemsText === null || itemsText === erased ? '' : itemsText;
    const facts = factsOf({ ...message.data, itemsText: items }, state.of(purchases, customerId));
    const request = { input: facts, cause: message, subjectId: customerId, signal, firstTry };
    const outcome = await this.runner.run(noteWriter, request);
    const { decidedBy, reasons, runId } = outcome;
    const sentences = outcome.status === 'decided' ? outcome.decision.sentences : mostParticular(facts);
    return { facts, sentences, decidedBy, reasons, runId };
  }

  handle({ data }: Message, state: DecisionState, note: Note | undefined): Emission<(typeof EMITS)[number]>[] {
    const { orderId, customerId, email: to, name, lines, amountMinor: totalMinor, currency } = data;
    const { orders } = state.of(purchases, customerId);
    if (!note || orders.some((one) => one.orderId === orderId)) return [];
    const { facts, sentences: pieces, decidedBy, reasons, runId } = note;
    const skus = [...new Set(lines.map(({ sku }) => sku))];
    const bought = { customerId, orderId, totalMinor, currency, skus, purchasedAt: data.completedAt };
    const text = letter(name === erased ? null : name, this.config.GROWTH_SIGNED_BY, paragraphsOf(pieces, facts));
    const sent = { orderId, customerId, decidedBy, pieces: [...pieces], reasons: [...reasons], runId };
    return [
      emit(PurchaseNoted, bought),
      emit(ThankYouNoteSent, { ...sent, sentAt: state.now.getTime() }),
      emit(SendMail, {
        ...{ mailId: `thanks_${orderId}`, recipientId: customerId, to, subject: 'Thank you for your order', text },
        ...{ inReplyTo: null, approvalHash: null },
      }),
    ];
  }
}
