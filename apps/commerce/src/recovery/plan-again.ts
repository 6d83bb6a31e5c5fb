import { RecoveryPlanChanged } from '@towpath/contracts/payments/RecoveryPlanChanged.v1';
import { RecoveryStepDue } from '@towpath/contracts/payments/RecoveryStepDue.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { RecoveryCase } from './recovery-case.js';
import { planRecovery, type PursuedClass } from './recovery-plan.js';
import { stepsOf, type Addressed } from './recovery-steps.js';

export const PLAN_EMITS = [RecoveryPlanChanged, RecoveryStepDue] as const;

interface Change extends Addressed {
  readonly declineClass: PursuedClass;
  readonly declineCode: string | null;
  readonly now: Date;
}

/**
 * The plan of an open recovery after something new is known of it. It prolongs nothing: the day on which it is given up stays, and
 * tries that were made count. Where the news name no address, the reminders of the plan before go on.
 */
export function changedPlan(before: RecoveryCase, change: Change): Emission<(typeof PLAN_EMITS)[number]>[] {
  const { initiated, invoice, triedByProvider, retries } = before;
  if (!initiated) return [];
  const bill = {
    invoiceId: invoice?.invoiceId ?? null,
    subscriptionId: invoice?.subscriptionId ?? null,
    triedByProvider,
  };
  const at = change.now.getTime();
  const { giveUpAt } = initiated;
  const next = planRecovery(change.declineClass, bill, at, { retriesDone: retries, giveUpAt });
  const plan = { ...next, pauseAt: before.isPaused ? null : next.pauseAt };
  const number = before.plan + 1;
  const { paymentId, accountId, declineCode, email } = change;
  return [
    emit(RecoveryPlanChanged, {
      ...{
        paymentId,
        accountId,
        plan: number,
        reminderPlan: email === null ? before.reminderPlan : number,
        declineCode,
      },
      ...{ declineClass: plan.declineClass, alternatives: [...plan.alternatives], retryAt: [...plan.retryAt] },
      ...{ remindAt: email === null ? [] : [...plan.remindAt], pauseAt: plan.pauseAt },
      ...{ invoiceId: bill.invoiceId, subscriptionId: bill.subscriptionId, changedAt: at },
    }),
    ...stepsOf({ ...plan, giveUpAt: null }, number, change),
  ];
}
