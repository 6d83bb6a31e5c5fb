import { RecoveryDeclineSeen } from '@towpath/contracts/payments/RecoveryDeclineSeen.v1';
import { RecoveryFlowDeclined } from '@towpath/contracts/payments/RecoveryFlowDeclined.v1';
import { RecoveryFlowEnded } from '@towpath/contracts/payments/RecoveryFlowEnded.v1';
import { RecoveryFlowInitiated } from '@towpath/contracts/payments/RecoveryFlowInitiated.v1';
import { RecoveryInvoiceKnown } from '@towpath/contracts/payments/RecoveryInvoiceKnown.v1';
import { RecoveryPaymentSeen } from '@towpath/contracts/payments/RecoveryPaymentSeen.v1';
import { RecoveryPlanChanged } from '@towpath/contracts/payments/RecoveryPlanChanged.v1';
import { RecoveryStepTaken } from '@towpath/contracts/payments/RecoveryStepTaken.v1';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { DeclineClass } from './decline-class.js';

/** How one declined payment is pursued. */
export interface RecoveryCase {
  readonly status: 'unknown' | 'open' | 'declined' | 'ended';
  /** a decline was heard of, so that a payment after it is looked at */
  readonly isWatched: boolean;
  readonly isPaid: boolean;
  readonly declineClass?: DeclineClass;
  /** what it began with, while it is open and after */
  readonly initiated?: RecoveryFlowInitiated;
  /** number of the plan in force; its reminders may be those of an older one, which knew an address */
  readonly plan: number;
  readonly reminderPlan: number;
  readonly invoice?: { readonly invoiceId: string; readonly subscriptionId: string | null };
  readonly triedByProvider: boolean;
  readonly alternatives: readonly string[];
  readonly retries: number;
  readonly reminders: number;
  readonly isPaused: boolean;
  readonly outcome?: string;
}

export const recoveryCase = aggregate<RecoveryCase>({
  stream: 'recovery',
  initial: {
    ...{ status: 'unknown', isWatched: false, isPaid: false, plan: 0, reminderPlan: 0, triedByProvider: false },
    ...{ alternatives: [], retries: 0, reminders: 0, isPaused: false },
  },
  evolve: (state, event) => {
    if (isOf(RecoveryDeclineSeen, event))
      return { ...state, isWatched: true, declineClass: event.data.declineClass as DeclineClass };
    if (isOf(RecoveryInvoiceKnown, event)) {
      const { invoiceId, subscriptionId, triedByProvider } = event.data;
      return { ...state, invoice: { invoiceId, subscriptionId }, triedByProvider };
    }
    if (isOf(RecoveryPaymentSeen, event)) return { ...state, isPaid: true };
    if (isOf(RecoveryFlowInitiated, event)) return initiatedBy(state, event.data);
    if (isOf(RecoveryPlanChanged, event)) {
      const { plan, reminderPlan, declineClass, alternatives } = event.data;
      return { ...state, plan, reminderPlan, alternatives, declineClass: declineClass as DeclineClass };
    }
    if (isOf(RecoveryStepTaken, event)) return afterStep(state, event.data.step);
    if (isOf(RecoveryFlowDeclined, event)) return { ...state, status: state.status === 'ended' ? 'ended' : 'declined' };
    if (isOf(RecoveryFlowEnded, event)) return { ...state, status: 'ended', outcome: event.data.outcome };
    return state;
  },
});

function initiatedBy(state: RecoveryCase, initiated: RecoveryFlowInitiated): RecoveryCase {
  const declineClass = initiated.declineClass as DeclineClass;
  if (state.status === 'open') return state;
  const { alternatives, invoiceId, subscriptionId } = initiated;
  return {
    ...{ ...state, status: 'open', isWatched: true, initiated, plan: 1, reminderPlan: 1, declineClass, alternatives },
    ...(invoiceId !== null && { invoice: { invoiceId, subscriptionId } }),
  };
}

function afterStep(state: RecoveryCase, step: string): RecoveryCase {
  if (step === 'retry') return { ...state, retries: state.retries + 1 };
  if (step === 'remind') return { ...state, reminders: state.reminders + 1 };
  return step === 'pause' || step === 'resume' ? { ...state, isPaused: step === 'pause' } : state;
}
