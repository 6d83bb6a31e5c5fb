import type { Contract, DataOf } from '@towpath/contracts/contract';

/** A command that a saga sends, with its data. */
export interface Ask<C extends Contract = Contract> {
  readonly contract: C;
  readonly data: DataOf<C>;
}

/** Asks for a command. Its id follows from saga, step and attempt, so that asking again asks for the same. */
export function ask<C extends Contract>(contract: C, data: NoInfer<DataOf<C>>): Ask<C> {
  return { contract, data };
}
