import { toJson } from '@towpath/contracts/codec';
import type { Contract } from '@towpath/contracts/contract';
import { actionHash, type ProposedAction } from '@towpath/service-kit/reviews/action-hash';

export { actionHash, type ProposedAction };

/** The hash of a command by its content alone; data in the form that handlers have, with personal data readable. */
export function commandHash(contract: Contract, data: unknown): string {
  return actionHash({ action: contract.type, arguments: toJson(contract, data) as object, evidence: {} });
}

/** Whether what was approved is not what would be done now: other arguments, or evidence that moved on. */
export function isStale(approvedHash: string, now: ProposedAction): boolean {
  return approvedHash !== actionHash(now);
}
