import { Injectable } from '@nestjs/common';
import { FetchCreditReport } from '@towpath/contracts/credit/FetchCreditReport.v1';
import { CreditReportFetched } from '@towpath/contracts/egress/CreditReportFetched.v1';
import { CreditReportUnavailable } from '@towpath/contracts/egress/CreditReportUnavailable.v1';
import { erased } from '@towpath/event-store/cipher';
import { Handles, type DecisionState, type QueuedHandler, type WorkContext } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { inTraceOf } from '@towpath/service-kit/tracing/in-trace-of';
import { CreditBureau, type NoReport } from './adapters/credit-bureau/credit-bureau.js';
import { CreditCache } from './adapters/credit-bureau/credit-cache.js';

type Asked = Received<typeof FetchCreditReport>;
type Told = Omit<CreditReportFetched, 'applicationId' | 'applicantId'>;

const EMITS = [CreditReportFetched, CreditReportUnavailable] as const;
const WORK_MS_MAX = 40_000;
const ERASED = {
  code: 'SUBJECT_ERASED',
  detail: 'the applicant was erased before the bureau was asked',
  passing: false,
};

/**
 * Asks the credit bureau, once per application while its answer is fresh: the same question again is answered from what was
 * fetched. Whatever happens the question is answered, if only with why there is no report.
 */
@Injectable()
@Handles(FetchCreditReport, { mode: 'queued', decrypts: true, emits: EMITS, concurrency: 4, timeoutMs: WORK_MS_MAX })
export class AnswerCreditReport implements QueuedHandler<typeof FetchCreditReport, typeof EMITS, Told | NoReport> {
  constructor(
    private readonly bureau: CreditBureau,
    private readonly cache: CreditCache,
  ) {}

  async work(question: Asked, { signal, state }: WorkContext): Promise<Told | NoReport> {
    if (question.data.applicantRef === erased) return ERASED;
    const known = await this.cache.find(question.data.applicationId, state.now);
    if (known) return known;
    const found = await inTraceOf(question, () => this.bureau.report(question.data, signal));
    if ('code' in found) return found;
    return this.cache.toldOf(found, this.bureau.host, new Date());
  }

  handle({ data }: Asked, { now }: DecisionState, found: Told | NoReport): readonly Emission<(typeof EMITS)[number]>[] {
    const { applicationId, applicantId } = data;
    if ('code' in found) {
      const { code, detail } = found;
      return [emit(CreditReportUnavailable, { applicationId, applicantId, code, detail, failedAt: now.getTime() })];
    }
    return [emit(CreditReportFetched, { applicationId, applicantId, ...found })];
  }
}
