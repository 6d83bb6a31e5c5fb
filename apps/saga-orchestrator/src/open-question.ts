import type { SagaState, Side } from '@towpath/sagas/saga-state';

/** What a saga that needs a person can't settle by itself. */
export interface OpenQuestion {
  readonly step: string;
  readonly side: Side;
  /** whether asking again can lead anywhere */
  readonly canRetry: boolean;
}

/** Undefined while it needs nobody. */
export function openQuestionOf({ status, code, failedStep: step }: SagaState): OpenQuestion | undefined {
  if (status !== 'needs_human' || step === null) return undefined;
  if (code === 'UNDO_FAILED') return { step, side: 'undo', canRetry: true };
  // Nothing takes it back, however often it is asked.
  if (code === 'IRREVERSIBLE') return { step, side: 'undo', canRetry: false };
  // It was answered twice, in opposite ways: to ask once more adds a third answer.
  if (code === 'CONTRADICTION') return { step, side: 'act', canRetry: false };
  return { step, side: 'act', canRetry: true };
}
