import { RunCanceled } from '@towpath/contracts/agents/RunCanceled.v1';
import { RunDecided } from '@towpath/contracts/agents/RunDecided.v1';
import { RunFailed } from '@towpath/contracts/agents/RunFailed.v1';
import { RunResumed } from '@towpath/contracts/agents/RunResumed.v1';
import { RunRetried } from '@towpath/contracts/agents/RunRetried.v1';
import { RunStarted } from '@towpath/contracts/agents/RunStarted.v1';
import { RunStepFinished } from '@towpath/contracts/agents/RunStepFinished.v1';
import type { DataOf } from '@towpath/contracts/contract';
import { aggregate, isOf } from '@towpath/event-store/fold';
import type { DomainEvent } from '@towpath/event-store/types';

type Decision = DataOf<typeof RunDecided>;
type Step = DataOf<typeof RunStepFinished>;

/** What a run's journal says; personal values as they stand in it. */
export interface RecordedRun {
  readonly status: 'none' | 'running' | 'decided' | 'needs_human' | 'canceled' | 'failed';
  readonly started: DataOf<typeof RunStarted> | null;
  readonly attempts: number;
  readonly steps: ReadonlyMap<string, Step>;
  readonly decided: Decision | null;
  /** why it was canceled or failed */
  readonly stopped: string | null;
}

const NONE: RecordedRun = {
  status: 'none',
  started: null,
  attempts: 0,
  steps: new Map(),
  decided: null,
  stopped: null,
};

/** A run's journal, folded. */
export const recordedRun = aggregate<RecordedRun>({
  stream: RunStarted.stream,
  initial: NONE,
  evolve(run: RecordedRun, event: DomainEvent): RecordedRun {
    if (isOf(RunStarted, event)) return { ...run, status: 'running', started: event.data, attempts: 1 };
    if (isOf(RunResumed, event)) return { ...run, status: 'running', attempts: event.data.attempt };
    if (isOf(RunStepFinished, event)) {
      return { ...run, steps: new Map(run.steps).set(event.data.step, event.data) };
    }
    if (isOf(RunDecided, event)) {
      const status = event.data.status === 'decided' ? 'decided' : 'needs_human';
      return { ...run, status, decided: event.data };
    }
    if (isOf(RunCanceled, event)) return { ...run, status: 'canceled', stopped: event.data.reason };
    if (isOf(RunFailed, event)) return { ...run, status: 'failed', stopped: event.data.message };
    if (isOf(RunRetried, event)) return { ...run, status: 'running', stopped: null };
    return run;
  },
});
