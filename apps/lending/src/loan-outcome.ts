import { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';
import { LoanDeclined } from '@towpath/contracts/lending/LoanDeclined.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { conditionOf } from './conditions.js';
import { monthlyPayment, type LoanFacts } from './credit-facts.js';
import type { Reason } from './reasons.js';
import { RULE_VERSIONS } from './rule-versions.js';

export const OUTCOME_EMITS = [LoanApproved, LoanDeclined] as const;

/** Who decided, on what, and when. */
export interface DecidedHow {
  /** rules, analyst, model or person */
  readonly decidedBy: string;
  /** the person, when one decided */
  readonly actor?: string;
  readonly inputsHash: string | null;
  readonly now: Date;
}

/** What is granted; conditions by their codes. */
interface Granted {
  readonly amountMinor: number;
  readonly currency: string;
  readonly termMonths: number;
  readonly aprBasisPoints: number;
  readonly conditions: readonly string[];
}

export function approved(facts: LoanFacts, offer: Granted, how: DecidedHow): Emission<typeof LoanApproved> {
  const { applicationId, applicantId } = facts;
  const { amountMinor, currency, termMonths, aprBasisPoints } = offer;
  return emit(LoanApproved, {
    ...{ applicationId, applicantId, amountMinor, currency, termMonths, aprBasisPoints },
    monthlyPaymentMinor: monthlyPayment(amountMinor, termMonths, aprBasisPoints),
    conditions: offer.conditions.map((code) => conditionOf(code)),
    ...{ decidedBy: how.decidedBy, actor: how.actor ?? null, inputsHash: how.inputsHash },
    ruleVersions: RULE_VERSIONS,
    approvedAt: how.now.getTime(),
  });
}

export function declined(facts: LoanFacts, reasons: readonly Reason[], how: DecidedHow): Emission<typeof LoanDeclined> {
  const { applicationId, applicantId } = facts;
  return emit(LoanDeclined, {
    ...{ applicationId, applicantId, reasons: reasons.map((one) => ({ ...one })) },
    ...{ decidedBy: how.decidedBy, actor: how.actor ?? null, inputsHash: how.inputsHash },
    ruleVersions: RULE_VERSIONS,
    declinedAt: how.now.getTime(),
  });
}
