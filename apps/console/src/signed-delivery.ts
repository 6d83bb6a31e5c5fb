import { signStandard } from '@towpath/sources/sign';
import { signingKeyOf, type PresentedToken } from '@towpath/sources/token';

/** A delivery as its person signed it; sent as it is. */
export interface SignedDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Ingress takes a signature for 5 minutes; the rest is for clocks that differ, and for the way. */
const CURRENT_MS_MAX = 270_000;

/**
 * Signs a command for the source `operator` with the key that only the presented token gives: at the moment of the decision, for that is when the
 * person is here; it leaves when the hold is over.
 * @param id the delivery's id; the same is the same command
 */
export function signDelivery(token: PresentedToken, id: string, command: object, now: Date): SignedDelivery {
  const body = JSON.stringify({ ...command, timestamp: now.toISOString() });
  return { headers: signStandard(signingKeyOf(token.secret), id, body, now), body };
}

/** A delivery as the store kept it; undefined when it is unreadable, such as after an erasure. */
export function deliveryOf(text: string | null): SignedDelivery | undefined {
  return text?.startsWith('{') ? (JSON.parse(text) as SignedDelivery) : undefined;
}

/** Whether ingress would still take what was signed then; both in milliseconds since the epoch. */
export function isCurrent(signedAt: number, now: number): boolean {
  return now - signedAt <= CURRENT_MS_MAX;
}
