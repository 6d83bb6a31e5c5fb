import type { DecisionState, Reads } from '@towpath/service-kit/handles';
import { account } from './account.js';
import type { DecisionInput } from './decide-payment.js';
import { fraudCase } from './fraud-case.js';
import { isGuest, type PaymentFacts } from './payment-facts.js';
import { accounts } from './profiles/accounts.projection.js';
import { cards } from './profiles/cards.projection.js';
import { customers } from './profiles/customers.projection.js';
import { ips } from './profiles/ips.projection.js';
import { merchants } from './profiles/merchants.projection.js';

type Keys = Pick<PaymentFacts, 'paymentId' | 'accountId' | 'cardFingerprint' | 'ipHash' | 'merchantId'>;

/** The streams and rows a decision about this payment looks at. */
export function decisionReads({ paymentId, accountId, cardFingerprint, ipHash, merchantId }: Keys): Reads {
  const guest = isGuest(accountId);
  return {
    streams: [fraudCase.of(paymentId), ...(guest ? [] : [account.of(accountId)])],
    rows: [
      ...(guest ? [] : [customers.at(accountId), accounts.at(accountId)]),
      ...(cardFingerprint === null ? [] : [cards.at(cardFingerprint)]),
      ...(ipHash === null ? [] : [ips.at(ipHash)]),
      ...(merchantId === null ? [] : [merchants.at(merchantId)]),
    ],
  };
}

/** What `decisionReads` asked for, as a decision takes it. */
export function decisionInput(facts: PaymentFacts, state: DecisionState): DecisionInput {
  const { paymentId, accountId, cardFingerprint, ipHash, merchantId } = facts;
  const guest = isGuest(accountId);
  return {
    facts,
    state: state.of(fraudCase, paymentId),
    account: guest ? account.initial : state.of(account, accountId),
    accountRow: guest ? undefined : state.row(accounts, accountId),
    profiles: {
      customer: guest ? undefined : state.row(customers, accountId),
      card: cardFingerprint === null ? undefined : state.row(cards, cardFingerprint),
      ip: ipHash === null ? undefined : state.row(ips, ipHash),
      merchant: merchantId === null ? undefined : state.row(merchants, merchantId),
    },
    now: state.now,
  };
}
