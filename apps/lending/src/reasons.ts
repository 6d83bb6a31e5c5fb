/** Every reason of a refusal, in plain words, such as an applicant can act on. Codes are stable. */
const REASONS = {
  UNDER_LEGAL_AGE: 'Applicants have to be of legal age.',
  CURRENCY_NOT_OFFERED: 'We do not lend in this currency.',
  AMOUNT_NOT_OFFERED: 'The amount is outside of what we lend.',
  TERM_NOT_OFFERED: 'The time to pay it back is outside of what we offer.',
  NO_INCOME: 'No regular income was stated.',
  BANKRUPTCY_ON_RECORD: 'The credit bureau reports a bankruptcy.',
  DEBT_TO_INCOME_ABOVE_LIMIT: 'With this loan, payments for debts would take more than half of the income.',
  LOW_BUREAU_SCORE: "The credit bureau's score is low.",
  THIN_CREDIT_FILE: 'The credit bureau knows too little to give a score.',
  RECENT_DELINQUENCY: 'Payments were more than 30 days late within the last two years.',
  DEBT_TO_INCOME_HIGH: 'Payments for debts already take a large part of the income.',
  CREDIT_UTILISATION_HIGH: 'A large part of the existing credit lines is used.',
  SHORT_CREDIT_HISTORY: 'The credit history is short.',
  MANY_INQUIRIES: 'Credit was asked for several times within the last six months.',
  SHORT_EMPLOYMENT: 'The time with the present employer is short.',
  PERSON_DECIDED: 'A credit analyst looked at the application and decided against it.',
} as const;

export type ReasonCode = keyof typeof REASONS;

export interface Reason {
  readonly code: string;
  readonly text: string;
  /** points of the score that it cost; 0 for a rule that needs no score */
  readonly pointsLost: number;
}

export function reason(code: ReasonCode, pointsLost = 0): Reason {
  return { code, text: REASONS[code], pointsLost };
}

/** The reason of a recorded code; a code of an older version keeps its code as words. */
export function reasonOf(code: string, pointsLost = 0): Reason {
  return { code, text: isReasonCode(code) ? REASONS[code] : code, pointsLost };
}

export function isReasonCode(code: string): code is ReasonCode {
  return Object.hasOwn(REASONS, code);
}
