import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Runner } from '@towpath/agents/runner';
import { CreditReportFetched } from '@towpath/contracts/egress/CreditReportFetched.v1';
import { CreditAnalyzed } from '@towpath/contracts/lending/CreditAnalyzed.v1';
import { canonicalJson } from '@towpath/event-store/canonical-json';
import {
  Handles,
  type DecisionState,
  type QueuedHandler,
  type Reads,
  type WorkContext,
} from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { byScorecard, creditAnalyst, type CreditAnalysis } from './credit-analyst.agent.js';
import { creditInputs, type CreditInputs, type LoanFacts } from './credit-facts.js';
import { loanCase } from './loan-case.js';
import { decideLoan, reviewWithoutReport } from './loan.decider.js';
import { approved, declined, OUTCOME_EMITS } from './loan-outcome.js';
import { askPerson, endReview, LOAN_REVIEW_EMITS, NO_ANALYSIS } from './loan-review.js';
import { readReport } from './read-report.js';
import { RULE_VERSIONS } from './rule-versions.js';

const EMITS = [CreditAnalyzed, ...OUTCOME_EMITS, ...LOAN_REVIEW_EMITS] as const;
type Emitted = Emission<(typeof EMITS)[number]>;

/** What the work found: the analysis, or why there is none. */
interface Analyzed {
  readonly inputs: CreditInputs;
  readonly analysis: CreditAnalysis;
  readonly decidedBy: string;
  readonly reasons: readonly string[];
  readonly runId: string;
  /** by which instructions the agent worked */
  readonly instructions: string;
}

/**
 * The bureau answered: the credit is analysed and the application decided, or a person is asked. A report that comes after a review
 * was opened for lack of it ends that review.
 */
@Injectable()
@Handles(CreditReportFetched, { mode: 'queued', emits: EMITS, decrypts: true, timeoutMs: 40_000 })
export class AnalyzeCredit implements QueuedHandler<typeof CreditReportFetched, typeof EMITS, Analyzed | undefined> {
  constructor(private readonly runner: Runner) {}

  reads({ data }: Received<typeof CreditReportFetched>): Reads {
    return { streams: [loanCase.of(data.applicationId)] };
  }

  async work(
    message: Received<typeof CreditReportFetched>,
    { signal, state, firstTry }: WorkContext,
  ): Promise<Analyzed | undefined> {
    const { applicationId, applicantId, report: text } = message.data;
    const { facts, decision, analyzed } = state.of(loanCase, applicationId);
    const report = facts && readReport(text, facts.currency);
    if (!facts || !report || decision || analyzed) return undefined;
    const inputs = creditInputs(facts, report);
    const request = { input: inputs, cause: message, subjectId: applicantId, signal, firstTry };
    const outcome = await this.runner.run(creditAnalyst, request);
    const { decidedBy, reasons, runId } = outcome;
    const analysis = outcome.status === 'decided' ? outcome.decision : byScorecard(inputs);
    const instructions = this.runner.instructionsOf(creditAnalyst).version;
    return { inputs, analysis, decidedBy, reasons, runId, instructions };
  }

  handle({ data }: Received<typeof CreditReportFetched>, state: DecisionState, found: Analyzed | undefined): Emitted[] {
    const before = state.of(loanCase, data.applicationId);
    const { facts } = before;
    if (!facts || before.decision || before.analyzed) return [];
    const { now } = state;
    if (!found) {
      if (before.review) return [];
      const unreadable = reviewWithoutReport(facts, "the credit bureau's report could not be read");
      return askPerson(facts, before, unreadable, { analysis: NO_ANALYSIS, now });
    }
    const recorded = analyzedEvent(facts, data, found, now);
    const { inputsHash } = recorded;
    const { score, modelRiskLevel } = found.analysis;
    const decision = decideLoan(found.inputs, score, modelRiskLevel);
    const how = { decidedBy: found.decidedBy, inputsHash, now };
    const note = emit(CreditAnalyzed, recorded);
    switch (decision.outcome) {
      case 'approve':
        return [note, ...endReview(before), approved(facts, decision.offer, how)];
      case 'decline':
        return [
          note,
          ...endReview(before),
          declined(facts, decision.reasons, decision.byRule ? { ...how, decidedBy: 'rules' } : how),
        ];
      case 'review': {
        const analysis = { inputsHash, score: score.score, riskLevel: score.riskLevel, runId: found.runId };
        return [note, ...askPerson(facts, before, decision, { analysis, now })];
      }
    }
  }
}

function analyzedEvent(
  { applicationId, applicantId }: LoanFacts,
  report: CreditReportFetched,
  { inputs, analysis, decidedBy, reasons, runId, instructions }: Analyzed,
  now: Date,
): CreditAnalyzed {
  const { score, modelRiskLevel, model, prompt, rawOutput } = analysis;
  const text = canonicalJson(inputs);
  return {
    ...{ applicationId, applicantId, score: score.score, riskLevel: score.riskLevel, factors: score.factors },
    ...{ debtToIncome: score.debtToIncome, model, modelRiskLevel },
    ...{ prompt, promptHash: sha256(prompt), rawOutput, rawOutputHash: sha256(rawOutput) },
    ...{ inputs: text, inputsHash: sha256(text), reportId: report.reportId, reportHash: report.rawSha256 },
    ...{ decidedBy, reasons: [...reasons], runId },
    ruleVersions: [...RULE_VERSIONS, { name: 'instructions', version: instructions }],
    analyzedAt: now.getTime(),
  };
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}
