import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { AccountUnfrozen } from '@towpath/contracts/fraud/AccountUnfrozen.v1';
import { FraudCaseOpened } from '@towpath/contracts/fraud/FraudCaseOpened.v1';
import { FraudCaseUpdated } from '@towpath/contracts/fraud/FraudCaseUpdated.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { ReviewResolved } from '@towpath/contracts/fraud/ReviewResolved.v1';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';
import { isGuest } from '../payment-facts.js';
import { frozenBy, unfrozen, withOpenedCase, withoutOpen, withoutPerson, type AccountRow } from './account-profile.js';

/** Authorisations that a freeze has to look at; guests have no account to freeze. */
export const accounts = projection<AccountRow>({
  name: 'accounts',
  // Payouts that a freeze holds are a merchant's money: who lifts the freeze must find them.
  personal: { keysOf: (subject) => [subject], bared: withoutPerson },
  keysOf: (event) => {
    const id = accountOf(event);
    return id === undefined || isGuest(id) ? [] : [id];
  },
  evolve: (row, event) => {
    if (isOf(FraudCaseOpened, event)) return withOpenedCase(row, event.data);
    if (isOf(FraudCaseUpdated, event)) return withoutOpen(row, event.data.paymentId);
    if (isOf(PaymentBlocked, event)) return withoutOpen(row, event.data.paymentId);
    if (isOf(ReviewResolved, event) && event.data.outcome !== 'approved') return withoutOpen(row, event.data.paymentId);
    if (isOf(AccountFrozen, event)) return frozenBy(row, event.data.paymentId, event.data.payoutsHeld);
    if (isOf(AccountUnfrozen, event)) return unfrozen(row);
    return row;
  },
});

const CONTRACTS = [FraudCaseOpened, PaymentBlocked, ReviewResolved, AccountFrozen, AccountUnfrozen];

function accountOf(event: DomainEvent): string | undefined {
  // Most of what a case sees leaves the account's row alone.
  if (isOf(FraudCaseUpdated, event)) return event.data.closes ? (event.data.accountId ?? undefined) : undefined;
  if (!CONTRACTS.some(({ type }) => type === event.type)) return undefined;
  return (event.data as { accountId: string }).accountId;
}
