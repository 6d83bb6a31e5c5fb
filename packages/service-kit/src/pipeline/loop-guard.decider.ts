import { drawPath } from '@towpath/contracts/causal-path';
import type { Contract } from '@towpath/contracts/contract';

/** A causal chain longer than this is a loop (DESIGN §6). */
export const HOPS_MAX = 64;
/** The same handler and subject more often than this in one path is a loop, unless the contract allows more. */
export const REPEATS_MAX = 5;

/** A message about to be decided. */
export interface Step {
  /** length of the chain behind it */
  readonly hops: number;
  readonly path: readonly string[];
  /** what deciding it adds to the path */
  readonly step: string;
  readonly contract: Pick<Contract, 'repeats'>;
}

/**
 * Why deciding a message would go round in circles, for people, with the path; null when it does not. The path holds the
 * last 64 steps, so no loop of any length passes: a long one ends at the number of hops.
 */
export function loopIn({ hops, path, step, contract }: Step): string | null {
  const taken = [...path, step];
  if (hops + 1 > HOPS_MAX) return `the causal chain has more than ${HOPS_MAX} steps: ${drawPath(taken)}`;
  const max = contract.repeats?.max ?? REPEATS_MAX;
  const times = taken.filter((one) => one === step).length;
  return times > max
    ? `${step} stands ${times} times in one causal path, at most ${max} are allowed: ${drawPath(taken)}`
    : null;
}
