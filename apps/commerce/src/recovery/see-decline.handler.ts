import { PaymentFailed } from '@towpath/contracts/payments/PaymentFailed.v1';
import { RecoveryDeclineSeen } from '@towpath/contracts/payments/RecoveryDeclineSeen.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { declineClassOf } from './decline-class.js';
import { changedPlan, PLAN_EMITS } from './plan-again.js';
import { END_EMITS, endOf } from './recovery-end.js';
import { recoveryCase } from './recovery-case.js';
import { readableAddress } from './recovery-mail.js';

const fraud = { outcome: 'stopped', reason: 'SUSPECTED_FRAUD', resumes: false } as const;

const EMITS = [RecoveryDeclineSeen, ...PLAN_EMITS, ...END_EMITS] as const;

/**
 * Hears of every decline on the payment's own topic, where what the customer does next comes after it: a payment that is made
 * before the recovery begins is known so. A later decline of another class changes what is tried next.
 */
@Handles(PaymentFailed, { emits: EMITS, decrypts: true })
export class SeeDecline implements Handler<typeof PaymentFailed, typeof EMITS> {
  reads({ data }: Received<typeof PaymentFailed>): Reads {
    return { streams: [recoveryCase.of(data.paymentId)] };
  }

  handle({ data }: Received<typeof PaymentFailed>, state: DecisionState): Emission<(typeof EMITS)[number]>[] {
    const { paymentId, accountId, declineCode, failureCode, failedAt } = data;
    const before = state.of(recoveryCase, paymentId);
    const declineClass = declineClassOf(declineCode, failureCode);
    if (before.isPaid || before.status === 'ended' || before.status === 'declined') return [];
    if (before.status === 'unknown') {
      if (before.isWatched && before.declineClass === declineClass) return [];
      return [emit(RecoveryDeclineSeen, { paymentId, accountId, declineClass, failedAt })];
    }
    if (before.declineClass === declineClass) return [];
    if (declineClass === 'suspected') return endOf(before, { paymentId, accountId, ...fraud, now: state.now });
    const address = { paymentId, accountId, email: readableAddress(data.email), payUrl: null };
    return changedPlan(before, { declineClass, declineCode, ...address, now: state.now });
  }
}
