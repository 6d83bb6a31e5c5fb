import { StopRecovery } from '@towpath/contracts/payments/StopRecovery.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import type { Emission, Received } from '@towpath/service-kit/message';
import { recoveryCase } from './recovery-case.js';
import { END_EMITS, endOf, type RecoveryOutcome } from './recovery-end.js';

/**
 * Stops a recovery and undoes its pause. One that never began is fenced: the offer that still comes finds it stopped. One that is
 * over answers with how it ended.
 */
@Handles(StopRecovery, { emits: END_EMITS })
export class StopRecoveryHandler implements Handler<typeof StopRecovery, typeof END_EMITS> {
  reads({ data }: Received<typeof StopRecovery>): Reads {
    return { streams: [recoveryCase.of(data.paymentId)] };
  }

  handle({ data }: Received<typeof StopRecovery>, state: DecisionState): Emission<(typeof END_EMITS)[number]>[] {
    const { paymentId, accountId, reason } = data;
    const before = state.of(recoveryCase, paymentId);
    const outcome = (before.outcome as RecoveryOutcome | undefined) ?? 'stopped';
    // What ended is not undone twice: its subscription goes on or stays as the end left it.
    const resumes = before.status !== 'ended';
    return endOf(before, { paymentId, accountId, outcome, reason, now: state.now, resumes });
  }
}
