import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { OpenEffect } from './ledger.projection.js';

/** A command's data in two parts: what the ledger may show for ever, and what only its subject's key opens. */
export function dividedData(contract: Contract, data: object): { payload: string; content: string | null } {
  const personal = new Set(contract.pii.map(({ name }) => name));
  const entries = Object.entries(data);
  const open = Object.fromEntries(entries.filter(([name]) => !personal.has(name)));
  const sealed = entries.filter(([name, value]) => personal.has(name) && value !== null);
  return {
    payload: JSON.stringify(open),
    content: sealed.length === 0 ? null : JSON.stringify(Object.fromEntries(sealed)),
  };
}

/** The command's data again. Personal fields that it did not have are null. */
export function dataOf<C extends Contract>(contract: C, { payload, content }: OpenEffect): DataOf<C> {
  const none = Object.fromEntries(contract.pii.map(({ name }) => [name, null]));
  const sealed = content === null ? {} : (JSON.parse(content) as object);
  return { ...none, ...(JSON.parse(payload) as object), ...sealed } as DataOf<C>;
}
