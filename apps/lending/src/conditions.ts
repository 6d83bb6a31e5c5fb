import type { LoanApproved } from '@towpath/contracts/lending/LoanApproved.v1';

const CONDITIONS = {
  PROOF_OF_INCOME: 'Send us a proof of your income of the last three months.',
  AUTOMATIC_PAYMENT: 'Pay by a standing order or a direct debit.',
  DEBT_STATEMENT: 'Send us statements of the debts that the credit bureau reports and the application does not.',
  IDENTITY_AND_FILE_BY_HAND: 'A credit analyst checks your identity and your credit file by hand before we pay.',
} as const;

export type ConditionCode = keyof typeof CONDITIONS;
export type Condition = LoanApproved['conditions'][number];

/** The condition of a code; a code of an older version keeps its code as words. */
export function conditionOf(code: string): Condition {
  return { code, text: code in CONDITIONS ? CONDITIONS[code as ConditionCode] : code };
}
