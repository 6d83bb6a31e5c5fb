import { CancelRun } from '@towpath/contracts/agents/CancelRun.v1';
import { RetryRun } from '@towpath/contracts/agents/RetryRun.v1';
import { RunCanceled } from '@towpath/contracts/agents/RunCanceled.v1';
import { RunRetried } from '@towpath/contracts/agents/RunRetried.v1';
import type { DecisionState } from '@towpath/service-kit/handles';
import { emit, type Received } from '@towpath/service-kit/message';
import { recordedRun, type RecordedRun } from '../journal/recorded-run.js';
import { CancelRunOfThisService } from './cancel-run.handler.js';
import { RetryRunOfThisService } from './retry-run.handler.js';

const asked = { runId: 'run-1', actor: 'ada', reason: 'wrong instructions' };
const cancel = { data: asked } as Received<typeof CancelRun>;
const retry = { data: asked } as Received<typeof RetryRun>;

/** A service whose run stands so; `none`: it is another service's. */
function stateOf(status: RecordedRun['status']): DecisionState {
  return { of: () => ({ ...recordedRun.initial, status }) } as unknown as DecisionState;
}

const ALL: readonly RecordedRun['status'][] = ['none', 'running', 'decided', 'needs_human', 'canceled', 'failed'];

describe('a person’s word about a run', () => {
  it('is looked up in the run’s own journal', () => {
    const streams = ['agent-run-run-1'];
    expect(new CancelRunOfThisService().reads(cancel)).toEqual({ streams });
    expect(new RetryRunOfThisService().reads(retry)).toEqual({ streams });
  });

  it('cancels what goes on, in that person’s name, and nothing else', () => {
    const came = ALL.filter((status) => new CancelRunOfThisService().handle(cancel, stateOf(status)).length > 0);
    expect(came).toEqual(['running']);
    expect(new CancelRunOfThisService().handle(cancel, stateOf('running'))).toEqual([emit(RunCanceled, asked)]);
  });

  it('lets go on what was canceled or failed, in that person’s name, and nothing that runs or has decided', () => {
    const came = ALL.filter((status) => new RetryRunOfThisService().handle(retry, stateOf(status)).length > 0);
    expect(came).toEqual(['canceled', 'failed']);
    expect(new RetryRunOfThisService().handle(retry, stateOf('failed'))).toEqual([emit(RunRetried, asked)]);
  });
});
