import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { MoneyStatus } from './fraud-case.js';

/** The note that a case saw something. */
export function seen(
  paymentId: string,
  change: string,
  status: MoneyStatus,
  changedAt: number,
): Emission<typeof FraudCaseUpdated> {
  return emit(FraudCaseUpdated, { paymentId, change, status, changedAt });
}
