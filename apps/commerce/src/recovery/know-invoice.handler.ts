import { InvoicePaymentFailed } from '@towpath/contracts/payments/InvoicePaymentFailed.v1';
import { RecoveryInvoiceKnown } from '@towpath/contracts/payments/RecoveryInvoiceKnown.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { changedPlan, PLAN_EMITS } from './plan-again.js';
import { recoveryCase, type RecoveryCase } from './recovery-case.js';
import { readableAddress } from './recovery-mail.js';
import type { PursuedClass } from './recovery-plan.js';

const EMITS = [RecoveryInvoiceKnown, ...PLAN_EMITS] as const;

/** Providers tell of a decline and of its invoice separately, in any order: what can be tried again follows from the invoice. */
@Handles(InvoicePaymentFailed, { emits: EMITS, decrypts: true })
export class KnowInvoice implements Handler<typeof InvoicePaymentFailed, typeof EMITS> {
  reads({ data }: Received<typeof InvoicePaymentFailed>): Reads {
    return { streams: [recoveryCase.of(data.paymentId)] };
  }

  handle({ data }: Received<typeof InvoicePaymentFailed>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { paymentId, accountId, invoiceId, subscriptionId } = data;
    const before = state.of(recoveryCase, paymentId);
    const triedByProvider = data.nextAttemptAt !== null;
    if (before.isPaid || before.status === 'ended' || before.status === 'declined') return [];
    if (isKnown(before, data, triedByProvider)) return [];
    const known = emit(RecoveryInvoiceKnown, {
      ...{ paymentId, accountId, invoiceId, subscriptionId, triedByProvider, knownAt: state.now.getTime() },
    });
    if (before.status !== 'open' || !before.initiated) return [known];
    const after: RecoveryCase = { ...before, invoice: { invoiceId, subscriptionId }, triedByProvider };
    const declineClass = (before.declineClass ?? before.initiated.declineClass) as PursuedClass;
    const address = { paymentId, accountId, email: readableAddress(data.email), payUrl: readableAddress(data.payUrl) };
    const { declineCode } = before.initiated;
    return [known, ...changedPlan(after, { declineClass, declineCode, ...address, now: state.now })];
  }
}

function isKnown(
  { invoice, triedByProvider }: RecoveryCase,
  { invoiceId, subscriptionId }: InvoicePaymentFailed,
  tried: boolean,
): boolean {
  return invoice?.invoiceId === invoiceId && invoice.subscriptionId === subscriptionId && triedByProvider === tried;
}
