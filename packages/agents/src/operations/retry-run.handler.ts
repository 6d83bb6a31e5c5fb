import { RetryRun } from '@towpath/contracts/agents/RetryRun.v1';
import { RunRetried } from '@towpath/contracts/agents/RunRetried.v1';
import { Handles, type DecisionState, type Handler, type Reads } from '@towpath/service-kit/handles';
import { emit, type Emission, type Received } from '@towpath/service-kit/message';
import { recordedRun } from '../journal/recorded-run.js';

const EMITS = [RunRetried] as const;

/** Lets a canceled or failed run of this service go on, once its message is redriven. What it had finished stays finished. */
@Handles(RetryRun, { emits: EMITS })
export class RetryRunOfThisService implements Handler<typeof RetryRun, typeof EMITS> {
  reads({ data }: Received<typeof RetryRun>): Reads {
    return { streams: [recordedRun.of(data.runId)] };
  }

  handle({ data }: Received<typeof RetryRun>, state: DecisionState): readonly Emission<typeof RunRetried>[] {
    const { runId, actor, reason } = data;
    const { status } = state.of(recordedRun, runId);
    if (status !== 'canceled' && status !== 'failed') return [];
    return [emit(RunRetried, { runId, actor, reason })];
  }
}
