import type { FetchCreditReport } from '@towpath/contracts/credit/FetchCreditReport.v1';
import type { OutboundClient } from '@towpath/outbound/outbound-client';
import { setTimeout as delay } from 'node:timers/promises';
import type { Surroundings } from '../../adapter.js';
import { answerOf, verdictOf } from '../../answer.js';
import { resultOfFailure } from '../../failed-call.js';
import { Slots } from '../../slots.js';
import type { Breaker } from '../../provider.js';
import { outletOf, type ProviderLimits } from '../../provider-limits.js';
import { creditReportOf, type CreditReport } from './credit-report.js';
import { creditLimits, type CreditSettings } from './credit-settings.js';

/** Why there is no report. */
export interface NoReport {
  readonly code: string;
  readonly detail: string;
  /** another try may bring one */
  readonly passing: boolean;
}

const TRIES_MAX = 3;
const BACKOFF_MS = 300;

/**
 * Asks the credit bureau: a read that may be repeated, so it has no ledger. What only passes is tried again a few times here;
 * after that the message itself is tried again by its handler.
 */
export class CreditBureau {
  readonly breaker: Breaker;
  /** host that answers, for the record */
  readonly host: string;
  private readonly limits: ProviderLimits;
  private readonly outlet: OutboundClient;
  private readonly slots: Slots;

  constructor(
    private readonly settings: CreditSettings,
    around: Surroundings,
  ) {
    const limits = creditLimits.of(settings, around);
    // A dry run sends no effects; it reads as ever.
    const outlet = outletOf('credit-bureau', limits, { ...around, dryRun: false });
    this.limits = limits;
    this.outlet = outlet;
    this.slots = new Slots(limits.concurrency);
    this.host = new URL(limits.url).host;
    this.breaker = {
      name: 'credit-bureau',
      get state() {
        return outlet.breakerState;
      },
      reset: () => outlet.resetBreaker(),
    };
  }

  /** Never throws. @param signal ends the tries */
  async report(question: FetchCreditReport, signal: AbortSignal): Promise<CreditReport | NoReport> {
    await this.slots.take();
    try {
      let seen = await this.ask(question);
      for (let tries = 1; tries < TRIES_MAX && 'passing' in seen && seen.passing && !signal.aborted; tries += 1) {
        await delay(BACKOFF_MS * 2 ** tries, undefined, { signal }).catch(() => undefined);
        seen = await this.ask(question);
      }
      return seen;
    } finally {
      this.slots.give();
    }
  }

  close(): Promise<void> {
    return this.outlet.close();
  }

  private async ask(question: FetchCreditReport): Promise<CreditReport | NoReport> {
    const { applicationId, applicantRef, fullName, dateOfBirth, purpose } = question;
    try {
      const response = await this.outlet.request({
        method: 'POST',
        url: `${this.limits.url}/v1/reports`,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${this.limits.live ? (this.settings.CREDIT_TOKEN ?? '') : 'sandbox'}`,
          'content-type': 'application/json',
          // A bureau that bills by inquiry counts a repeat once.
          'idempotency-key': `towpath-${applicationId}`,
        },
        body: JSON.stringify({ reference: applicationId, applicantRef, fullName, dateOfBirth, purpose }),
      });
      const answer = answerOf(response);
      if (answer.status === 404) return no('APPLICANT_UNKNOWN', 'the bureau knows nobody of that description', false);
      const verdict = verdictOf(answer);
      if (verdict && 'code' in verdict) return no(verdict.code, verdict.detail, verdict.kind !== 'refused');
      return (
        creditReportOf(answer, response.body.toString('utf8')) ??
        no('ANSWER_UNREADABLE', 'the answer is no report: it has no reportId', false)
      );
    } catch (error) {
      const failure = resultOfFailure(error);
      return 'code' in failure ? no(failure.code, failure.detail, true) : no('ADAPTER_FAILED', failure.kind, true);
    }
  }
}

function no(code: string, detail: string, passing: boolean): NoReport {
  return { code, detail, passing };
}
