import { CancelRun } from '@towpath/contracts/agents/CancelRun.v1';
import { RunCanceled } from '@towpath/contracts/agents/RunCanceled.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { recordedRun } from '../journal/recorded-run.js';

const EMITS = [RunCanceled] as const;

/**
 * Stops a run of this service. Its worker, which expects to be the only one to write, is shut out by the event itself: the next step it
 * wants to write is refused, and the message of the run becomes a dead letter.
 */
@Handles(CancelRun, { emits: EMITS })
export class CancelRunOfThisService implements Handler<typeof CancelRun, typeof EMITS> {
  reads({ data }: Received<typeof CancelRun>): Reads {
    return { streams: [recordedRun.of(data.runId)] };
  }

  handle({ data }: Received<typeof CancelRun>, state: DecisionState): readonly Emission<typeof RunCanceled>[] {
    const { runId, actor, reason } = data;
    // None: another service's. What has ended has nothing to stop.
    if (state.of(recordedRun, runId).status !== 'running') return [];
    return [emit(RunCanceled, { runId, actor, reason })];
  }
}
