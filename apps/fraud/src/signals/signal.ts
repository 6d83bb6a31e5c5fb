import type { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';

/** One weighed observation with its evidence, as decisions record it. */
export type Signal = PaymentApproved['signals'][number];

/** Value of a signal whose facts are missing. It adds no points, and the decision lists it under `missing`. */
export const UNKNOWN = 'unknown';

export function signal(name: string, value: string | number, points: number, evidence: string): Signal {
  return { name, value: String(value), points, evidence };
}

export function unknown(name: string, evidence: string): Signal {
  return { name, value: UNKNOWN, points: 0, evidence };
}
