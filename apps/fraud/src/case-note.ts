import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { isOpenAuthorisation, type FraudCase, type MoneyStatus } from './fraud-case.js';

type Attempt = Pick<FraudCaseUpdated, 'attemptId' | 'cardFingerprint' | 'ipHash'>;

/** What a case saw. */
export interface Sight {
  /** type of the message */
  readonly change: string;
  readonly status: MoneyStatus;
  /** when it happened, milliseconds since the epoch */
  readonly at: number;
  /** an attempt to pay that failed */
  readonly attempt?: Attempt;
  /** a dispute for fraud whose charge did not come yet */
  readonly disputeId?: string;
}

const CLOSING: readonly MoneyStatus[] = ['captured', 'canceled', 'refunded'];
const NO_ATTEMPT: Attempt = { attemptId: null, cardFingerprint: null, ipHash: null };

/** The note that a case saw something. */
export function noted(paymentId: string, before: FraudCase, sight: Sight): Emission<typeof FraudCaseUpdated> {
  const { change, status, at, attempt = NO_ATTEMPT, disputeId = null } = sight;
  return emit(FraudCaseUpdated, {
    ...{ paymentId, change, status, changedAt: at, disputeId, ...attempt },
    accountId: before.facts?.accountId ?? null,
    closes: isOpenAuthorisation(before) && CLOSING.includes(status),
  });
}
