import type { Contract, DataOf } from '@towpath/contracts/contract';
import type { Stripe } from 'stripe';
import { dataOf } from '../../effect-data.js';
import type { OpenEffect } from '../../ledger.projection.js';
import type { CallResult, ProbeResult } from '../../provider.js';

/** What one act at Stripe is made from. */
export interface StripeAsk<T> {
  readonly stripe: Stripe;
  readonly effect: OpenEffect;
  readonly data: T;
  /** ids of story and effect, signed */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One command at Stripe. What it throws is read as every error of Stripe's package is. */
export interface StripeAct<T = never> {
  /** the one mutating call, after looking whether it is needed */
  call(ask: StripeAsk<T>): Promise<CallResult>;
  probe(ask: StripeAsk<T>): Promise<ProbeResult>;
}

/** An act with its command's types, kept in one table with the others. */
export function stripeAct<C extends Contract>(
  command: C,
  act: StripeAct<DataOf<C>>,
): readonly [type: string, act: StripeAct, command: C] {
  return [command.type, act, command];
}

/** What an act is asked, from the effect as the ledger keeps it. */
export function askOf(
  command: Contract,
  effect: OpenEffect,
  given: Pick<StripeAsk<never>, 'stripe' | 'metadata'>,
): StripeAsk<never> {
  return { ...given, effect, data: dataOf(command, effect) as never };
}

/** A call that made or changed something, or that found it as it should be. */
export function done(reference: string): CallResult & ProbeResult {
  return { kind: 'done', reference };
}
