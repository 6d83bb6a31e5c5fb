import { hash, randomUUID } from 'node:crypto';
import { streamOf } from '@towpath/contracts/contract';
import { OperationRecorded } from '@towpath/contracts/ops/OperationRecorded.v1';
import type { Restorer } from '@towpath/event-store/restore/restorer';

/** The step that a path names for what the command line decides. */
const HANDLER = 'doctor-restore';

/** A restore in the books: its intent before anything is changed, its end after. */
export interface RestoreRecord {
  end(phase: 'done' | 'failed', after: object): Promise<void>;
}

/**
 * Records `ops.v1.OperationRecorded` in triage's store as its owner: triage is stopped, and its store is one of those that are put
 * right.
 */
export async function recordRestore(
  restorer: Pick<Restorer, 'append'>,
  operation: { readonly actor: string; readonly reason: string; readonly target: string; readonly before: object },
): Promise<RestoreRecord> {
  const operationId = randomUUID();
  const record = async (phase: string, after: object): Promise<void> => {
    const { before, ...rest } = operation;
    const now = new Date();
    const data: OperationRecorded = {
      ...{ operationId, phase, verb: 'doctor restore', ...rest, recordedAt: now.getTime() },
      ...{ before: JSON.stringify(before), after: JSON.stringify(after) },
    };
    const step = `${HANDLER}@${hash('sha256', operationId, 'hex').slice(0, 8)}`;
    await restorer.append('triage', {
      id: randomUUID(),
      stream: streamOf(OperationRecorded, data),
      type: OperationRecorded.type,
      data,
      metadata: { correlationId: operationId, causationId: operationId, hops: 0, path: [step], handler: HANDLER },
      occurredAt: now,
    });
  };
  await record('intended', { missing: 0 });
  return { end: record };
}
