import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { openInspector, type InspectedEvent, type Inspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import { failureOf } from '../error-line.js';
import { databaseUrl } from '../local/service-environment.js';
import { factsOf } from '../watch/facts.js';
import { nameOf } from '../watch/watch-line.js';
import { send, type Signer } from './send.js';

/** What a person does with a tool that acts on Kafka or Postgres directly, or looks at although it is masked. */
export interface Operation {
  /** as on the command line, such as `groups reset` */
  readonly verb: string;
  /** what it is done to; names nobody */
  readonly target: string;
  /** JSON of the state it starts from, at most 16,384 characters; no personal data */
  readonly before?: unknown;
  /** JSON of the state that is wanted, at most 16,384 characters; no personal data */
  readonly after?: unknown;
  readonly reason: string;
}

/** What an act came to. */
export interface Acted<T> {
  readonly result: T;
  /** JSON of the state it reached, when it differs from what was wanted */
  readonly after?: unknown;
}

/**
 * Acts only once its intent stands in triage's store as `ops.v1.OperationRecorded`, and records its end as a second one of
 * the same id: an act that nobody can prove does not happen, and one that was interrupted shows as an intent without end.
 * It needs ingress and triage, not the relay, so it works while the relay refuses to publish.
 * Throws OPERATION_UNRECORDED or COMMAND_REFUSED before the act, what `act` throws after recording it as failed, and
 * OPERATION_END_UNRECORDED when it was done but its end could not be recorded.
 */
export async function recorded<T>(
  addresses: Addresses,
  operation: Operation,
  signer: Signer,
  act: () => Promise<Acted<T>>,
): Promise<T> {
  const operationId = randomUUID();
  await recordOperation(addresses, { ...operation, operationId, phase: 'intended' }, signer);
  const end = async (phase: 'done' | 'failed', after: unknown): Promise<void> => {
    try {
      await recordOperation(addresses, { ...operation, operationId, phase, after }, signer);
    } catch (error) {
      throw new CliError(
        'OPERATION_END_UNRECORDED',
        `${operation.verb} ${operation.target} is ${phase}, but that could not be recorded (${failureOf(error).message}); ` +
          `its intent stands as operation ${operationId}.`,
      );
    }
  };
  let acted: Acted<T>;
  try {
    acted = await act();
  } catch (error) {
    await end('failed', { error: failureOf(error).code });
    throw error;
  }
  await end('done', acted.after ?? operation.after);
  return acted.result;
}

/** Something that leaves nothing to be undone, such as `--reveal`: recorded once, before it happens. */
export async function recordOperation(
  addresses: Addresses,
  operation: Operation & { readonly operationId?: string; readonly phase?: 'intended' | 'done' | 'failed' },
  signer: Signer,
): Promise<void> {
  await sendUntilRecorded(
    addresses,
    'RecordOperation',
    { operationId: randomUUID(), phase: 'done', ...operation },
    signer,
  );
}

/** Sends a command that becomes an `ops.v1.OperationRecorded`; answers once it stands in triage's store. */
export async function sendUntilRecorded(
  addresses: Addresses,
  type: 'RecordOperation' | 'RevealPersonalData',
  data: object,
  signer: Signer,
): Promise<void> {
  const { deliveryId } = await send(addresses, type, data, signer);
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    await untilRecorded(inspector, deliveryId);
  } finally {
    await inspector.close();
  }
}

const WAIT_MS = 10_000;
const LOOK_MS = 100;
const RECORDED = 'ops.v1.OperationRecorded';
const REFUSALS = new Set(['triage.v1.DeliveryRefused', 'triage.v1.DeliveryUnrouted', 'platform.v1.DeadLettered']);

/** Looks into the store, not at the topic: the relay may be what is being mended. */
async function untilRecorded(inspector: Inspector, deliveryId: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  do {
    const events = await inspector.eventsByCorrelation(deliveryId);
    const refusal = events.find(({ type }) => REFUSALS.has(type));
    if (refusal) throw refused(refusal);
    if (events.some(({ type }) => type === RECORDED)) return;
    await delay(LOOK_MS);
  } while (performance.now() < deadline);
  throw new CliError(
    'OPERATION_UNRECORDED',
    `ingress took the record ${deliveryId}, but triage did not store it in ${WAIT_MS / 1000} s; see \`towpath doctor\` and try again.`,
  );
}

function refused({ type, data, metadata }: InspectedEvent): CliError {
  return new CliError(
    'COMMAND_REFUSED',
    `${nameOf(type)}: ${factsOf(data).join(' · ')}; see \`towpath trace ${metadata.correlationId}\` and \`towpath operators list\`.`,
  );
}
