import type { Contract, DataOf } from '@towpath/contracts/contract';
import { keyOf } from '@towpath/contracts/contract';

/** A contract by which a service answers a question about a subject; a backtest compares the answers, the last of each subject. */
export interface Outcome {
  readonly contract: Contract;
  /** about what the question is */
  subjectOf(data: unknown): string;
  /** undefined when this message answers nothing */
  answerOf(data: unknown): string | undefined;
}

interface Reading<C extends Contract> {
  /** default: the contract's key */
  subject?(data: DataOf<C>): string;
  /** default: the name of the contract */
  answer?(data: DataOf<C>): string | undefined;
}

/** An outcome for `@Service({ outcomes })`. A contract that answers two questions is listed twice, with a subject for each. */
export function outcome<C extends Contract>(contract: C, { subject, answer }: Reading<C> = {}): Outcome {
  return {
    contract,
    subjectOf: (data) => subject?.(data as DataOf<C>) ?? keyOf(contract, data),
    answerOf: (data) => (answer ? answer(data as DataOf<C>) : contract.name),
  };
}
