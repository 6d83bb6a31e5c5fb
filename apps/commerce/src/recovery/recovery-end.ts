import { ResumeSubscription } from '@towpath/contracts/billing/ResumeSubscription.v1';
import { RecoveryFlowEnded } from '@towpath/contracts/payments/RecoveryFlowEnded.v1';
import { RecoveryStepTaken } from '@towpath/contracts/payments/RecoveryStepTaken.v1';
import { emit, type Emission } from '@towpath/service-kit/message';
import type { RecoveryCase } from './recovery-case.js';

export const END_EMITS = [RecoveryFlowEnded, RecoveryStepTaken, ResumeSubscription] as const;

export type RecoveryOutcome = 'recovered' | 'given_up' | 'stopped' | 'subscription_ended';

interface End {
  readonly paymentId: string;
  readonly accountId: string;
  readonly outcome: RecoveryOutcome;
  readonly reason: string | null;
  readonly now: Date;
  /** false where a paused subscription must stay so; default: it goes on unless nobody paid */
  readonly resumes?: boolean;
}

/** After it every timer of the recovery finds that it is over. */
export function endOf(before: RecoveryCase, end: End): Emission<(typeof END_EMITS)[number]>[] {
  const { paymentId, accountId, outcome, reason, now } = end;
  const subscriptionId = before.invoice?.subscriptionId ?? null;
  const goesOn = end.resumes ?? (outcome === 'recovered' || outcome === 'stopped');
  const resumes = before.isPaused && subscriptionId !== null && goesOn;
  const at = now.getTime();
  return [
    ...(resumes
      ? [
          emit(ResumeSubscription, { subscriptionId, accountId, reason: `the recovery of ${paymentId} is ${outcome}` }),
          emit(RecoveryStepTaken, { paymentId, accountId, step: 'resume', number: 1, takenAt: at, addressHash: null }),
        ]
      : []),
    emit(RecoveryFlowEnded, {
      ...{ paymentId, accountId, outcome, reason },
      ...{ retries: before.retries, reminders: before.reminders, paused: before.isPaused && !resumes },
      ...{ invoiceId: before.invoice?.invoiceId ?? null, subscriptionId, endedAt: at },
    }),
  ];
}
