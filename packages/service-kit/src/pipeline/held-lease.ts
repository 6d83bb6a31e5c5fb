import type { Claim, HeldStore } from '@towpath/event-store/held-types';

/** What a message can't be the cause of. */
const OUTAGES = ['STORE_UNAVAILABLE', 'REGISTRY_UNAVAILABLE'];

/**
 * Gives leases back after an outage, so that it counts for nothing. After any other error, which may be a message's own, they
 * run out, and that is counted: a message that nobody gets through with becomes a dead letter.
 */
export async function giveBack(
  store: Pick<HeldStore, 'releaseHeld'>,
  claims: readonly Claim[],
  error: unknown,
): Promise<void> {
  if (!OUTAGES.includes((error as { code?: string }).code ?? '')) return;
  // Away as well: then they run out.
  await store.releaseHeld(claims).catch(() => undefined);
}
