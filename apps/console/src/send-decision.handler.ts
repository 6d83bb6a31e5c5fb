import { Injectable } from '@nestjs/common';
import { CaseDecided } from '@towpath/contracts/console/CaseDecided.v1';
import { CaseDecisionFailed } from '@towpath/contracts/console/CaseDecisionFailed.v1';
import { CaseDecisionSent } from '@towpath/contracts/console/CaseDecisionSent.v1';
import { DecisionAnswerDue } from '@towpath/contracts/console/DecisionAnswerDue.v1';
import { SendDecision } from '@towpath/contracts/console/SendDecision.v1';
import { Handles, type DecisionState, type QueuedHandler } from '@towpath/service-kit/handles';
import { isOf } from '@towpath/event-store/fold';
import type { Vault } from '@towpath/event-store/vault';
import { emit, remind, type Emission, type Received } from '@towpath/service-kit/message';
import { InjectConfig, InjectVault } from '@towpath/service-kit/platform';
import { CaseDesk } from './case-desk.js';
import type { ConsoleConfig } from './config.js';
import { IngressClient, type Posted } from './ingress-client.js';
import { readable } from './readable.js';
import { deliveryOf, isCurrent } from './signed-delivery.js';

const EMITS = [CaseDecisionSent, CaseDecisionFailed, DecisionAnswerDue] as const;

/** As long as the signature is taken; ingress may be away for a while. */
const RETRY = { retries: 20, baseMs: 1_000, factor: 2, capMs: 30_000 };

/** Posts what a person signed to ingress, as often as it takes within the time of the signature; a repeat is the same delivery. */
@Injectable()
@Handles(SendDecision, {
  mode: 'queued',
  emits: EMITS,
  concurrency: 4,
  timeoutMs: 15_000,
  retry: RETRY,
})
export class SendDecisionHandler implements QueuedHandler<typeof SendDecision, typeof EMITS, Posted> {
  constructor(
    private readonly ingress: IngressClient,
    private readonly desk: CaseDesk,
    @InjectVault() private readonly vault: Vault,
    @InjectConfig() private readonly config: ConsoleConfig,
  ) {}

  async work({ data }: Received<typeof SendDecision>): Promise<Posted> {
    if (!isCurrent(data.signedAt, Date.now())) {
      const detail = 'ingress could not be reached within the time of the signature; decide again';
      return { kind: 'failed', code: 'SIGNATURE_EXPIRED', detail };
    }
    const { events } = await this.desk.read(data.reviewId);
    const decided = events.find((event) => isOf(CaseDecided, event) && event.data.decisionId === data.decisionId);
    const delivery = decided && deliveryOf((await readable(this.vault, CaseDecided, decided)).delivery);
    if (delivery) return this.ingress.post(delivery);
    return { kind: 'failed', code: 'DELIVERY_ERASED', detail: 'the person whose text it holds was erased' };
  }

  handle(
    { data }: Received<typeof SendDecision>,
    state: DecisionState,
    posted: Posted,
  ): Emission<(typeof EMITS)[number]>[] {
    const { reviewId, decisionId } = data;
    const now = state.now.getTime();
    if (posted.kind === 'failed') {
      const { code, detail } = posted;
      return [emit(CaseDecisionFailed, { reviewId, decisionId, code, detail, failedAt: now })];
    }
    const sent = emit(CaseDecisionSent, { reviewId, decisionId, deliveryId: posted.deliveryId, sentAt: now });
    const due = new Date(now + this.config.ANSWER_SECONDS * 1_000);
    return [sent, remind(DecisionAnswerDue, due, { reviewId, decisionId })];
  }
}
