import type { Specialist } from '../draft/macros.js';

/** Money, access to an account, and suspicion: what is wrongly said there costs the customer or us something. */
const HIGH: readonly string[] = ['billing', 'account', 'fraud'] satisfies Specialist[];

/** Whether what a model writes for this specialist is checked by a second one before anything is done with it. */
export function isHighStakes(specialist: string): boolean {
  return HIGH.includes(specialist);
}
