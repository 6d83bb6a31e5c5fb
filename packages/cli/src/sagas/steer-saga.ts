import { openInspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { command, type OperatorCommand } from '../operator/command.js';
import { sagaCalled } from './saga-rows.js';

export type SagaVerb = 'cancel' | 'pause' | 'resume' | 'retry' | 'skip';

type Asked = Pick<OperatorCommand, 'type' | 'done'>;

/** What each verb asks for, and the event that says it was done. */
const COMMANDS: Readonly<Record<SagaVerb, Asked>> = {
  cancel: { type: 'CancelSaga', done: ['SagaCanceled'] },
  pause: { type: 'PauseSaga', done: ['SagaPaused'] },
  resume: { type: 'ResumeSaga', done: ['SagaResumed'] },
  retry: { type: 'RetrySagaStep', done: ['SagaStepRetried'] },
  skip: { type: 'SkipSagaStep', done: ['SagaStepSkipped'] },
};

/**
 * Asks the orchestrator to do this with a saga, signed by a person, and waits until it did or said why not.
 * Throws SAGA_NOT_FOUND, SAGA_AMBIGUOUS, COMMAND_REFUSED with the orchestrator's code, NO_OUTCOME.
 */
export async function steerSaga(
  context: Context,
  addresses: Addresses,
  verb: SagaVerb,
  { saga, step }: { readonly saga: string; readonly step?: string },
  { reason, ...signer }: ChangeOptions,
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  const { sagaId } = await sagaCalled(inspector, saga).finally(() => inspector.close());
  const data = { sagaId, ...(step !== undefined && { step }), reason };
  await command(context, addresses, { ...COMMANDS[verb], data, owner: 'saga-orchestrator' }, signer);
}
