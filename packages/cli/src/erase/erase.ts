import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { SubjectErased } from '@towpath/contracts/platform/SubjectErased.v1';
import { SubjectForgotten } from '@towpath/contracts/platform/SubjectForgotten.v1';
import { services } from '@towpath/contracts/topics';
import { openInspector, type InspectedEvent, type Inspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError, UsageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { confirm } from '../operator/confirm.js';
import { send } from '../operator/send.js';
import { factsOf } from '../watch/facts.js';
import { nameOf } from '../watch/watch-line.js';
import { isUnknown, knownOf, knownText } from './known.js';
import { reportOf, reportText } from './report.js';

export interface EraseOptions extends ChangeOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

/** Triage reads its whole store before it destroys a key. */
const ERASED_MS = 3_600_000;
/** After that a service is taken to be away: it answers when it comes back. */
const ANSWERS_MS = 30_000;
const LOOK_MS = 200;
const PROGRESS_MS = 5_000;
const REFUSALS = new Set(['triage.v1.DeliveryRefused', 'triage.v1.DeliveryUnrouted', 'platform.v1.DeadLettered']);

/**
 * Erases a customer: shows what is known, asks, sends the signed command, waits until the keys are gone and every service has
 * answered, and reports what is still open. An abort ends the waiting only; the same words again are harmless.
 * Throws USAGE, SUBJECT_UNKNOWN, CONFIRMATION_NEEDED, COMMAND_REFUSED, ERASURE_SLOW, NOT_ALL_ANSWERED, INTERRUPTED.
 */
export async function erase(
  context: Context,
  addresses: Addresses,
  subject: string,
  options: EraseOptions,
  signal: AbortSignal,
): Promise<void> {
  if (!/^[A-Za-z0-9_.-]{1,128}$/.test(subject)) throw new UsageError('name the customer by its id, such as cus_123.');
  if (!options.reason.trim()) throw new UsageError('--reason needs a text; it is kept for ever, so name nobody in it.');
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const known = await knownOf(inspector, subject);
    if (isUnknown(known)) throw new CliError('SUBJECT_UNKNOWN', `no service knows ${subject}; check the id.`);
    context.note(`${subject}: ${knownText(known)} → erased`);
    if (options.dryRun) return context.show('dry run: nothing was sent', { dryRun: true, subject, ...known });
    await confirm(context, `erase ${subject} for ever`, options);
    const { reason } = options;
    const { deliveryId } = await send(addresses, 'EraseSubject', { erasureId: randomUUID(), subject, reason }, options);
    await report(context, inspector, deliveryId, signal);
  } finally {
    await inspector.close();
  }
}

async function report(context: Context, inspector: Inspector, deliveryId: string, signal: AbortSignal): Promise<void> {
  const expected = services()
    .filter(({ store, onDemand }) => store && !onDemand)
    .map(({ name }) => name);
  const answersOf = (events: readonly InspectedEvent[]) => events.filter(({ type }) => type === SubjectForgotten.type);
  const watch = { context, inspector, deliveryId, signal };
  const erased = (await until(watch, ERASED_MS, 'looking for keys', (events) => events.some(isErased))).find(isErased);
  if (!erased) {
    throw new CliError(
      'ERASURE_SLOW',
      `the keys are not destroyed yet; it goes on, see \`towpath trace ${deliveryId}\`.`,
    );
  }
  const events = await until(
    watch,
    ANSWERS_MS,
    'waiting for the services',
    (all) => answersOf(all).length >= expected.length,
  );
  const answers = answersOf(events).map(({ data }) => data as SubjectForgotten);
  const [archive] = await inspector.query<{ held: boolean }>('select exists (select from triage.archives) as held', []);
  const around = { expected, hasArchive: archive?.held === true };
  const result = reportOf(deliveryId, erased.data as SubjectErased, answers, around);
  context.show(reportText(result), result);
  const silent = result.open.filter(({ code }) => code === 'UNANSWERED').length;
  if (silent > 0) {
    const one = `${silent} of ${expected.length} services have not answered; the keys are gone all the same.`;
    throw new CliError('NOT_ALL_ANSWERED', `${one} The same words again show when they have.`);
  }
}

function isErased({ type }: InspectedEvent): boolean {
  return type === SubjectErased.type;
}

interface Watch {
  readonly context: Context;
  readonly inspector: Inspector;
  readonly deliveryId: string;
  readonly signal: AbortSignal;
}

/** The story's events once they are enough, or those there are when the time is over. */
async function until(
  { context, inspector, deliveryId, signal }: Watch,
  ms: number,
  doing: string,
  enough: (events: readonly InspectedEvent[]) => boolean,
): Promise<InspectedEvent[]> {
  const startedAt = performance.now();
  for (let said = 0; ;) {
    const events = await inspector.eventsByCorrelation(deliveryId);
    // Afterwards nothing refuses it any more: a service that can't answer shows as one that has not.
    const refusal = events.some(isErased) ? undefined : events.find(({ type }) => REFUSALS.has(type));
    if (refusal) throw refused(refusal);
    const elapsed = performance.now() - startedAt;
    if (enough(events) || elapsed >= ms) return events;
    if (elapsed >= said + PROGRESS_MS) context.note(`${doing} (${Math.round((said = elapsed) / 1_000)} s)`);
    await delay(LOOK_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) {
      throw new CliError('INTERRUPTED', `the erasure goes on without you; see \`towpath trace ${deliveryId}\`.`);
    }
  }
}

function refused({ type, data }: InspectedEvent): CliError {
  return new CliError(
    'COMMAND_REFUSED',
    `${nameOf(type)}: ${factsOf(data).join(' · ')}; see \`towpath operators list\`.`,
  );
}
