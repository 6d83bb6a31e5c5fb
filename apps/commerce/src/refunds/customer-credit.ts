import { CreditIssued } from '@towpath/contracts/commerce/CreditIssued.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';

/** What a customer can buy for. */
export interface CustomerCredit {
  /** by currency, minor units */
  readonly balances: Readonly<Record<string, number>>;
  /** ids of the credits that were given */
  readonly given: readonly string[];
}

export const customerCredit = aggregate<CustomerCredit>({
  stream: 'customer-credit',
  initial: { balances: {}, given: [] },
  evolve: (state, event) => {
    if (!isOf(CreditIssued, event) || event.data.repeated) return state;
    const { creditId, currency, amountMinor } = event.data;
    return {
      balances: { ...state.balances, [currency]: balanceOf(state, currency) + amountMinor },
      given: [...state.given, creditId],
    };
  },
});

/** Minor units of the currency. */
export function balanceOf({ balances }: CustomerCredit, currency: string): number {
  return balances[currency] ?? 0;
}
