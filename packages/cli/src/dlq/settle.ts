import { setTimeout as delay } from 'node:timers/promises';
import { openInspector, type Inspector } from '@towpath/event-store/inspect';
import type { Addresses } from '../addresses.js';
import { CliError, UsageError } from '../cli-error.js';
import type { Context } from '../context.js';
import { failureOf } from '../error-line.js';
import { databaseUrl } from '../local/service-environment.js';
import type { ChangeOptions } from '../operator/change-options.js';
import { confirm } from '../operator/confirm.js';
import { send } from '../operator/send.js';
import { lettersOf, LETTERS_MAX, type Letter, type LetterFilter } from './letters.js';
import { groupsOf } from './summary.js';

export interface SettleOptions extends ChangeOptions {
  /** commands a second */
  readonly rate: number;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  /** JSON of the data to try instead; for one dead letter */
  readonly edited?: unknown;
}

export type Verb = 'redrive' | 'discard';

/** What a dead letter's command came to. */
export interface Settled {
  readonly id: string;
  /** `redriven`, `failed again`, `discarded`, `nothing to do`, `refused`, `no outcome` or `not sent` */
  readonly outcome: string;
  readonly detail?: string;
}

const TYPES: Readonly<Record<Verb, string>> = { redrive: 'RedriveDeadLetter', discard: 'DiscardDeadLetter' };
const OUTCOME_MS = 10_000;
const LOOK_MS = 100;

/**
 * Redrives or discards the open dead letters that the filter names: shows what they are, asks, then sends one signed command
 * each, at most `rate` a second. An abort ends it between two; what is settled is not chosen again, so the same words go on
 * where it ended. Throws CONFIRMATION_NEEDED, NOT_ALL_SETTLED when some were refused or had no outcome, INTERRUPTED.
 */
export async function settle(
  context: Context,
  addresses: Addresses,
  verb: Verb,
  filter: LetterFilter,
  options: SettleOptions,
  signal: AbortSignal,
): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const letters = await lettersOf(inspector, { ...filter, status: 'open' });
    preview(context, verb, letters);
    if (letters.length === 0) return;
    if (options.dryRun) return context.show('dry run: nothing was sent', { dryRun: true, count: letters.length });
    await confirm(context, `${verb} ${letters.length}`, options);
    const results = await each(letters, verb, { context, addresses, inspector, options, signal });
    report(context, verb, results, signal);
  } finally {
    await inspector.close();
  }
}

function preview(context: Context, verb: Verb, letters: readonly Letter[]): void {
  for (const { count, type, reason, handler, service } of groupsOf(letters, 0)) {
    context.note(`${String(count).padStart(6)}  ${service}  ${type} × ${reason} × ${handler}`);
  }
  context.note(letters.length === 0 ? `nothing open to ${verb}` : `${letters.length} to ${verb}`);
  if (letters.length === LETTERS_MAX)
    context.note(`the newest ${LETTERS_MAX} only; the same words again take the rest`);
}

interface Work {
  readonly context: Context;
  readonly addresses: Addresses;
  readonly inspector: Inspector;
  readonly options: SettleOptions;
  readonly signal: AbortSignal;
}

/** Oldest first: of one key what failed first is tried first. The next waits for the one before it. */
async function each(letters: readonly Letter[], verb: Verb, work: Work): Promise<Settled[]> {
  const results: Settled[] = [];
  const startedAt = performance.now();
  for (const letter of [...letters].reverse()) {
    if (work.signal.aborted) {
      results.push({ id: letter.id, outcome: 'not sent' });
      continue;
    }
    const early = startedAt + (results.length * 1_000) / work.options.rate - performance.now();
    if (early > 0) await delay(early, undefined, { signal: work.signal }).catch(() => undefined);
    if (work.signal.aborted) results.push({ id: letter.id, outcome: 'not sent' });
    else results.push(await one(letter, verb, work));
    const last = results.at(-1)!;
    work.context.note(
      `${results.length}/${letters.length}  ${last.id}  ${last.outcome}${last.detail ? `: ${last.detail}` : ''}`,
    );
  }
  return results;
}

async function one(letter: Letter, verb: Verb, { addresses, inspector, options }: Work): Promise<Settled> {
  const { id } = letter;
  const data = {
    deadLetterId: id,
    service: letter.service,
    reason: options.reason,
    ...(options.edited === undefined ? {} : { edited: options.edited }),
  };
  try {
    const { deliveryId } = await send(addresses, TYPES[verb], data, options);
    return { id, ...(await outcomeOf(inspector, deliveryId, id)) };
  } catch (error) {
    const { code, message } = failureOf(error);
    return { id, outcome: 'refused', detail: `${code}: ${message}` };
  }
}

const DONE: Readonly<Record<string, string>> = {
  'platform.v1.DeadLetterRedriven': 'redriven',
  'platform.v1.DeadLetterDiscarded': 'discarded',
};
const REFUSED = new Set(['triage.v1.DeliveryRefused', 'triage.v1.DeliveryUnrouted', 'platform.v1.DeadLettered']);

async function outcomeOf(inspector: Inspector, deliveryId: string, id: string): Promise<Omit<Settled, 'id'>> {
  const deadline = performance.now() + OUTCOME_MS;
  do {
    const events = await inspector.eventsByCorrelation(deliveryId);
    const done = events.find(({ type }) => DONE[type] !== undefined);
    if (done) return againOf(inspector, id, DONE[done.type]!);
    const refusal = events.find(({ type }) => REFUSED.has(type));
    if (refusal) {
      const { code, reason } = refusal.data as { code?: string; reason?: string };
      return { outcome: 'refused', detail: code ?? reason ?? refusal.type };
    }
    await delay(LOOK_MS);
  } while (performance.now() < deadline);
  const [letter] = await lettersOf(inspector, { ids: [id] }, 1);
  if (letter && letter.status !== 'open') return { outcome: 'nothing to do', detail: `${letter.status} before` };
  return { outcome: 'no outcome', detail: `see towpath trace ${deliveryId}` };
}

/** A message that fails at once fails in the command's own group; one that is retried shows later in `dlq list`. */
async function againOf(inspector: Inspector, id: string, outcome: string): Promise<Omit<Settled, 'id'>> {
  if (outcome !== 'redriven') return { outcome };
  for (const schema of await inspector.schemas()) {
    const [again] = await inspector.query<{ reason: string; id: string }>(
      `select data ->> 'reason' as reason, data ->> 'deadLetterId' as id from "${schema}".events
       where type = 'platform.v1.DeadLettered' and data ->> 'redriveOf' = $1`,
      [id],
    );
    if (again) return { outcome: 'failed again', detail: `${again.reason}, now ${again.id}` };
  }
  return { outcome };
}

function report(context: Context, verb: Verb, results: readonly Settled[], signal: AbortSignal): void {
  const counts = Object.fromEntries(
    [...new Set(results.map(({ outcome }) => outcome))].map((outcome) => [
      outcome,
      results.filter((result) => result.outcome === outcome).length,
    ]),
  );
  const table = Object.entries(counts).map(([outcome, count]) => `${String(count).padStart(6)}  ${outcome}`);
  context.show(table.join('\n'), { verb, counts, results });
  if (signal.aborted) {
    throw new CliError('INTERRUPTED', `${counts['not sent'] ?? 0} were not sent; the same words again take the rest.`);
  }
  const wrong = (counts['refused'] ?? 0) + (counts['no outcome'] ?? 0);
  if (wrong > 0)
    throw new CliError('NOT_ALL_SETTLED', `${wrong} of ${results.length} were refused or had no outcome, see above.`);
}

/** A task is named by ids or filters, or said to take all: nothing is chosen by leaving words out. */
export function assertChosen(ids: readonly string[], filter: LetterFilter, all: boolean): void {
  const { type, reason, handler, service, since } = filter;
  const chosen = ids.length > 0 || [type, reason, handler, service, since].some((part) => part !== undefined);
  if (!chosen && !all) throw new UsageError('name ids or filters, or give --all.');
}
