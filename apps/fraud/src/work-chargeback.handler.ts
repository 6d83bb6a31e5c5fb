import { Inject, Injectable, Optional } from '@nestjs/common';
import type { Outcome } from '@towpath/agents/outcome';
import { Runner } from '@towpath/agents/runner';
import { ChargebackDecided } from '@towpath/contracts/fraud/ChargebackDecided.v1';
import { ChargebackDue } from '@towpath/contracts/fraud/ChargebackDue.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import type { EventStore } from '@towpath/event-store/types';
import { Handles, type DecisionState, type QueuedHandler, type WorkContext } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { EVENT_STORE } from '@towpath/service-kit/platform';
import { requestReview } from '@towpath/service-kit/reviews/request-review';
import { chargebackReview } from './chargeback/chargeback.js';
import { chargebackAgent, type ChargebackVerdict } from './chargeback/chargeback.agent.js';

const EMITS = [ChargebackDecided, ReviewRequested] as const;

/** Works on a dispute by the agent `chargeback`. Money goes back by a person's word alone. */
@Injectable()
@Handles(ChargebackDue, { mode: 'queued', emits: EMITS, concurrency: 2 })
export class WorkChargeback implements QueuedHandler<typeof ChargebackDue, typeof EMITS, Outcome<ChargebackVerdict>> {
  private readonly agent;

  constructor(
    @Optional() private readonly runner: Runner,
    @Optional() @Inject(EVENT_STORE) store: EventStore,
  ) {
    this.agent = chargebackAgent(store);
  }

  work(
    message: Received<typeof ChargebackDue>,
    { signal, firstTry }: WorkContext,
  ): Promise<Outcome<ChargebackVerdict>> {
    return this.runner.run(this.agent, { input: message.data, cause: message, signal, firstTry });
  }

  handle(
    { data }: Received<typeof ChargebackDue>,
    state: DecisionState,
    outcome: Outcome<ChargebackVerdict>,
  ): Emission<(typeof EMITS)[number]>[] {
    const decided = decidedOf(data, outcome, state.now);
    const review = chargebackReview(decided);
    return [emit(ChargebackDecided, decided), ...(review ? [requestReview(review)] : [])];
  }
}

function decidedOf(due: ChargebackDue, outcome: Outcome<ChargebackVerdict>, now: Date): ChargebackDecided {
  const { paymentId, disputeId } = due;
  const { decidedBy, runId } = outcome;
  const about = { paymentId, disputeId, decidedBy, runId, decidedAt: now.getTime() };
  if (outcome.status === 'needs_human') {
    const { code, reason, history } = outcome.escalation;
    const found = { accountId: null, refundMinor: 0, currency: due.currency };
    const evidence = JSON.stringify({ dispute: due, history });
    return { ...about, ...found, action: 'needs_human', evidence, reasons: [code, reason, ...outcome.reasons] };
  }
  const { accountId, action, refundMinor, currency, evidence, reasons } = outcome.decision;
  const words = [...reasons, ...outcome.reasons];
  return { ...about, accountId, action, refundMinor, currency, evidence: JSON.stringify(evidence), reasons: words };
}
