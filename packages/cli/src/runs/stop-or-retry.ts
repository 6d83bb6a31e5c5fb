import { setTimeout as delay } from 'node:timers/promises';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { send } from '../operator/send.js';
import { runById } from './show.js';
import type { RunRow, RunStatus } from './run-rows.js';

const OUTCOME_MS = 10_000;
const LOOK_MS = 100;
const REFUSED = ['triage.v1.DeliveryRefused', 'triage.v1.DeliveryUnrouted', 'platform.v1.DeadLettered'];

/**
 * Stops a run that goes on: its worker can write no more, and its message becomes a dead letter. Throws RUN_ENDED, COMMAND_REFUSED,
 * NO_OUTCOME.
 */
export async function cancelRun(
  context: Context,
  addresses: Addresses,
  runId: string,
  options: ChangeOptions,
): Promise<void> {
  await withInspector(addresses, async (inspector) => {
    const row = await runById(inspector, runId);
    refuseUnless(row, ['running', 'given-up']);
    context.note(`${row.runId} of ${row.agent}: ${row.status} → canceled`);
    const asked = { runId: row.runId, reason: options.reason };
    const { deliveryId } = await send(addresses, 'CancelRun', asked, options);
    await until(inspector, deliveryId, 'agents.v1.RunCanceled');
    const trace = `towpath trace ${deliveryId}`;
    context.show(`${row.runId}  canceled\nsee every step: ${trace}`, {
      runId: row.runId,
      outcome: 'canceled',
      deliveryId,
    });
  });
}

/**
 * Lets a run that was canceled, failed or given up go on after its last finished step: its message, a dead letter by now, goes into its
 * service's pipeline again. Throws RUN_ENDED, RUN_HAS_NO_LETTER, COMMAND_REFUSED, NO_OUTCOME.
 */
export async function retryRun(
  context: Context,
  addresses: Addresses,
  runId: string,
  options: ChangeOptions,
): Promise<void> {
  await withInspector(addresses, async (inspector) => {
    const row = await runById(inspector, runId);
    refuseUnless(row, ['canceled', 'failed', 'given-up']);
    const { deadLetterId, service } = row;
    if (deadLetterId === null) {
      const why = 'its worker has not given its message back yet; try again in a few seconds';
      throw new CliError(
        'RUN_HAS_NO_LETTER',
        `run ${row.runId} is ${row.status}, but its message is no open dead letter: ${why}.`,
      );
    }
    context.note(`${row.runId} of ${row.agent}: ${row.status} → goes on after ${row.steps} steps`);
    const { reason } = options;
    if (row.status !== 'given-up') {
      const asked = await send(addresses, 'RetryRun', { runId: row.runId, reason }, options);
      await until(inspector, asked.deliveryId, 'agents.v1.RunRetried');
    }
    const { deliveryId } = await send(addresses, 'RedriveDeadLetter', { deadLetterId, service, reason }, options);
    await until(inspector, deliveryId, 'platform.v1.DeadLetterRedriven');
    context.show(`${row.runId}  goes on\nsee it: towpath runs show ${row.runId}`, {
      ...{ runId: row.runId, outcome: 'retried', deadLetterId, deliveryId },
    });
  });
}

function refuseUnless(row: RunRow, statuses: readonly RunStatus[]): void {
  if (statuses.includes(row.status)) return;
  throw new CliError(
    'RUN_ENDED',
    `run ${row.runId} is ${row.status}; this is for runs that are ${statuses.join(', ')}.`,
  );
}

/** Waits for what the command leads to, or says why it led to nothing. */
async function until(inspector: Inspector, deliveryId: string, done: string): Promise<void> {
  const deadline = performance.now() + OUTCOME_MS;
  do {
    const events = await inspector.eventsByCorrelation(deliveryId);
    if (events.some(({ type }) => type === done)) return;
    const refusal = events.find(({ type }) => REFUSED.includes(type));
    if (refusal) {
      const { code, reason } = refusal.data as { code?: string; reason?: string };
      throw new CliError('COMMAND_REFUSED', `${code ?? reason ?? refusal.type}; see \`towpath trace ${deliveryId}\`.`);
    }
    await delay(LOOK_MS);
  } while (performance.now() < deadline);
  throw new CliError(
    'NO_OUTCOME',
    `nothing came of it in ${OUTCOME_MS / 1000} s; see \`towpath trace ${deliveryId}\`.`,
  );
}

async function withInspector<T>(addresses: Addresses, work: (inspector: Inspector) => Promise<T>): Promise<T> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    return await work(inspector);
  } finally {
    await inspector.close();
  }
}
