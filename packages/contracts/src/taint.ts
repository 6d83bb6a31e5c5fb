/**
 * How far a message may be trusted to ask for something, by who had a hand in its content. A label describes everything that
 * led to a message, so it joins along the causal chain and the most restrictive one wins.
 *
 * - `endorsed`: a person with a role signed exactly this
 * - `own`: made by our own services from nothing that came from outside, such as a timer
 * - `provider`: typed facts of a provider that signed them; somebody outside caused them, but did not write them
 * - `untrusted`: text that anybody outside can write: tickets, mail, pull requests, pages, what tools answer
 */
export type Taint = 'endorsed' | 'own' | 'provider' | 'untrusted';

/** From the least to the most restrictive. */
export const TAINTS: readonly Taint[] = ['endorsed', 'own', 'provider', 'untrusted'];

/** The most restrictive of the labels; what has no label is `untrusted`, and so is nothing at all. */
export function joinTaint(...labels: readonly (Taint | undefined)[]): Taint {
  const ranks = labels.map((label) => rankOf(label));
  return TAINTS[Math.max(...ranks)] ?? 'untrusted';
}

/** Whether something with this label may go where at most `accepted` may. */
export function isWithin(label: Taint | undefined, accepted: Taint): boolean {
  return rankOf(label) <= rankOf(accepted);
}

/** The label that a text names; anything else, such as one of a newer release, counts as `untrusted`. */
export function taintOf(text: string): Taint {
  return TAINTS[rankOf(text)] ?? 'untrusted';
}

function rankOf(label: string | undefined): number {
  const rank = TAINTS.findIndex((known) => known === label);
  return rank < 0 ? TAINTS.length - 1 : rank;
}
