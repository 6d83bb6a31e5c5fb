import { contractOf, isContract } from '@towpath/contracts/catalogue';
import type { DomainEvent } from './types.js';

/**
 * An event as folds may see it: without its pii fields. They are plaintext while a group is decided and ciphertext in
 * the store; a state that held them would differ between the two and outlive an erasure.
 */
export function foldable(event: DomainEvent): DomainEvent {
  const pii = isContract(event.type) ? contractOf(event.type).pii : [];
  if (pii.length === 0) return event;
  const data = { ...(event.data as Record<string, unknown>) };
  for (const { name } of pii) data[name] = null;
  return { ...event, data };
}
