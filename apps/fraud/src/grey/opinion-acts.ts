import type { DeclaredAct } from '@towpath/agents/agent';
import type { ToolPolicy } from '@towpath/agents/policy/gate';
import { CancelPayment } from '@towpath/contracts/payments/CancelPayment.v1';
import { CapturePayment } from '@towpath/contracts/payments/CapturePayment.v1';
import { HaltCaptures } from '@towpath/contracts/payments/HaltCaptures.v1';
import { HoldPayouts } from '@towpath/contracts/payments/HoldPayouts.v1';
import { RefundPayment } from '@towpath/contracts/payments/RefundPayment.v1';

const ownAccount = { kind: 'own', field: 'accountId', subject: 'accountId' } as const;
const ownPayment = { kind: 'own', field: 'paymentId', subject: 'paymentId' } as const;

/** A merchant's words may stand in what the model reads, so its opinion moves no other payment and no other account. */
function policy(scope: ToolPolicy['scope'], ...limits: NonNullable<ToolPolicy['limits']>): ToolPolicy {
  return { scope, accepts: 'untrusted', limits: [ownAccount, ...limits] };
}

/** What a decision with an opinion in it may lead to. The amounts are the payment's own: the model is not asked for any. */
export const OPINION_ACTS: readonly DeclaredAct[] = [
  { command: CapturePayment, policy: policy('payments:capture', ownPayment) },
  { command: RefundPayment, policy: policy('payments:refund', ownPayment) },
  // A freeze cancels the account's other open authorisations, too.
  { command: CancelPayment, policy: policy('payments:cancel') },
  { command: HaltCaptures, policy: policy('accounts:freeze') },
  { command: HoldPayouts, policy: policy('payouts:hold') },
];
