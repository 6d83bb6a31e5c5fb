import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import type { ChangeOptions } from './change-options.js';
import { recorded, type Acted, type Operation } from './record-operation.js';

/**
 * Changes something that is no service's own: shows before and after, records the intent as `ops.v1.OperationRecorded`
 * signed by the person, acts, and records the end. Throws what `recorded` throws.
 */
export async function change<T>(
  context: Context,
  addresses: Addresses,
  operation: Omit<Operation, 'reason'>,
  { reason, ...signer }: ChangeOptions,
  act: () => T | Promise<T>,
): Promise<T> {
  const { verb, target, before, after } = operation;
  context.note(`${verb} ${target}: ${stateText(before)} → ${stateText(after)}`);
  const acted = async (): Promise<Acted<T>> => ({ result: await act() });
  return recorded(addresses, { ...operation, reason }, signer, acted);
}

function stateText(state: unknown): string {
  if (state === undefined || state === null) return 'nothing';
  return typeof state === 'string' ? state : JSON.stringify(state);
}
