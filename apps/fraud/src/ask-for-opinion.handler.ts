import { Inject, Injectable } from '@nestjs/common';
import { Runner } from '@towpath/agents/runner';
import { OpinionGiven } from '@towpath/contracts/fraud/OpinionGiven.v1';
import { OpinionWanted } from '@towpath/contracts/fraud/OpinionWanted.v1';
import {
  Handles,
  type DecisionState,
  type QueuedHandler,
  type Reads,
  type WorkContext,
} from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { DECISION_EMITS, decidePayment } from './decide-payment.js';
import { decisionInput, decisionReads } from './decision-reads.js';
import { fraudCase } from './fraud-case.js';
import { modelView, type Asked } from './grey/model-view.js';
import { opinionAgent } from './grey/opinion.agent.js';
import { BY_RULES_ALONE, Judge, type Judging } from './judge.js';
import { RULES } from './rules.js';
import { assess } from './score.decider.js';

const EMITS = [OpinionGiven, ...DECISION_EMITS] as const;

/** What the work found, with who decided and why; `undefined` when the payment was decided meanwhile. */
interface Found extends Asked {
  readonly decidedBy: string;
}

/**
 * Asks a model about a payment in the grey zone, away from the path that decides the others. The payment is decided once: with
 * the opinion, or by `PassOpinionDeadline` when that is first; an opinion that comes later is recorded and changes nothing.
 */
@Injectable()
@Handles(OpinionWanted, {
  mode: 'queued',
  emits: EMITS,
  concurrency: 8,
  timeoutMs: 2 * RULES.grey.waitMs,
  retry: { retries: 1, baseMs: 100 },
})
export class AskForOpinion implements QueuedHandler<typeof OpinionWanted, typeof EMITS, Found | undefined> {
  constructor(
    private readonly runner: Runner,
    @Inject(Judge) private readonly judging: Judging = BY_RULES_ALONE,
  ) {}

  reads({ data }: Received<typeof OpinionWanted>): Reads {
    return decisionReads(data);
  }

  async work(
    message: Received<typeof OpinionWanted>,
    { signal, state, firstTry }: WorkContext,
  ): Promise<Found | undefined> {
    const { paymentId, answerBefore } = message.data;
    const { facts, decision } = state.of(fraudCase, paymentId);
    // By the time of the decision, which in a backtest is long past.
    const leftMs = answerBefore - state.now.getTime();
    if (!facts || decision !== undefined || leftMs <= 0) return undefined;
    const { score, signals, opinions } = assess(facts, decisionInput(facts, state).profiles, this.judging.rules);
    const input = { score, signals: [...signals], opinions: [...opinions] };
    const request = { input, cause: message, signal, firstTry, taint: 'untrusted' } as const;
    const outcome = await this.runner.run(opinionAgent, request);
    const { runId, decidedBy, reasons } = outcome;
    if (outcome.status === 'decided') {
      const { stance, confidence, because } = outcome.decision;
      const words = stance === 'unknown' ? reasons.join('; ') : because;
      return { stance, confidence, because: words, runId, decidedBy };
    }
    // The members disagree: what the model said counts, and `assess` sends it to a person.
    return { ...dissent(outcome.escalation.history), runId, decidedBy };
  }

  handle(
    { data }: Received<typeof OpinionWanted>,
    state: DecisionState,
    found: Found | undefined,
  ): Emission<(typeof EMITS)[number]>[] {
    const { facts, decision } = state.of(fraudCase, data.paymentId);
    if (!facts || !found) return [];
    const { rules } = this.judging;
    const view = modelView(found, rules);
    const { paymentId, accountId } = data;
    const { stance, because, decidedBy, runId } = found;
    const late = decision !== undefined;
    const given = { paymentId, accountId, stance, points: view?.signal.points ?? 0, because, decidedBy, runId, late };
    const note = emit(OpinionGiven, { ...given, givenAt: state.now.getTime() });
    return late ? [note] : [note, ...decidePayment(decisionInput(facts, state), { rules, model: view, asks: false })];
  }
}

function dissent(history: readonly unknown[]): Pick<Asked, 'stance' | 'confidence' | 'because'> {
  const turns = history as { readonly member: string; readonly said: Asked }[];
  const said = turns.find(({ member }) => member === 'model')?.said;
  const { stance = 'unknown', confidence = 0, because = 'no opinion' } = said ?? {};
  return { stance, confidence, because };
}
