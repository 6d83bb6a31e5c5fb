import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import { isOpenAuthorisation, type FraudCase } from './fraud-case.js';
import type { PaymentFacts } from './payment-facts.js';
import type { OpenAuthorisation } from './profiles/account-profile.js';

export const MONEY_COMMANDS = [CapturePayment, CancelPayment, RefundPayment] as const;
export type MoneyCommand = Emission<(typeof MONEY_COMMANDS)[number]>;

/** Takes the authorised money; nothing when it was taken or given back already. */
export function capture(state: FraudCase, facts: PaymentFacts, reason: string): MoneyCommand[] {
  return isOpenAuthorisation(state) ? [emit(CapturePayment, command(facts, reason))] : [];
}

/** Gives the money back the way it can be: a cancelled authorisation, or a refund of what was taken. */
export function giveBack(state: FraudCase, facts: PaymentFacts, reason: string): MoneyCommand[] {
  if (state.returned) return [];
  if (state.captured) return [emit(RefundPayment, command(facts, reason))];
  return [emit(CancelPayment, command(facts, reason))];
}

/** Cancels authorisations of one account. */
export function cancelOpen(accountId: string, open: readonly OpenAuthorisation[], reason: string): MoneyCommand[] {
  return open.map(([paymentId, , amountMinor, currency]) =>
    emit(CancelPayment, { paymentId, accountId, chargeId: null, amountMinor, currency, reason }),
  );
}

function command(facts: PaymentFacts, reason: string): CancelPayment {
  const { paymentId, accountId, chargeId, amountMinor, currency } = facts;
  return { paymentId, accountId, chargeId, amountMinor, currency, reason };
}
