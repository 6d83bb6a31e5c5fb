import { RecoveryStepDue } from '@towpath/contracts/payments/RecoveryStepDue.v1';
import { remind, type Emission } from '@towpath/service-kit/message';
import type { RecoveryPlan } from './recovery-plan.js';

/** Whose plan it is, and where its letters go. */
export interface Addressed {
  readonly paymentId: string;
  readonly accountId: string;
  readonly email: string | null;
  readonly payUrl: string | null;
}

type Step = Emission<typeof RecoveryStepDue>;

/** The plan's steps as timers. They carry the address, encrypted, because nothing else of a recovery keeps it. */
export function stepsOf(
  plan: Pick<RecoveryPlan, 'retryAt' | 'remindAt' | 'pauseAt'> & { readonly giveUpAt: number | null },
  number: number,
  { paymentId, accountId, email, payUrl }: Addressed,
): Step[] {
  const step = (name: string, index: number, at: number): Step =>
    remind(RecoveryStepDue, new Date(at), {
      paymentId,
      accountId,
      step: name,
      number: index + 1,
      plan: number,
      email,
      payUrl,
    });
  return [
    ...plan.retryAt.map((at, index) => step('retry', index, at)),
    ...(email === null ? [] : plan.remindAt.map((at, index) => step('remind', index, at))),
    ...(plan.pauseAt === null ? [] : [step('pause', 0, plan.pauseAt)]),
    ...(plan.giveUpAt === null ? [] : [step('give_up', 0, plan.giveUpAt)]),
  ];
}
