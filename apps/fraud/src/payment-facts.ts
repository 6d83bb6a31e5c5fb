import type { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';

/** What a case knows of its payment; what every signal is computed from. */
export type PaymentFacts = FraudCaseOpened;

/** Fields that rules need and that deliveries often lack. */
export const CONTEXT_FIELDS = ['ipHash', 'deviceHash', 'riskLevel', 'customerCreatedAt'] as const;
export type ContextField = (typeof CONTEXT_FIELDS)[number];

const GUEST = 'guest_';

/** True when the payer has no customer at the provider: there is no history to look at and no account to freeze. */
export function isGuest(accountId: string): boolean {
  return accountId.startsWith(GUEST);
}

/** Seconds since the epoch: providers stamp charges in seconds, so finer order is not known. */
export function secondsOf(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}

export const SECONDS_PER_DAY = 86_400;

export function dayOf(seconds: number): number {
  return Math.floor(seconds / SECONDS_PER_DAY);
}

/** 32-bit FNV-1a: stands for a longer id in rows that must stay small. */
export function tagOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
