import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PaymentApproved } from '@towpath/contracts/fraud/PaymentApproved.v1';
import { PaymentBlocked } from '@towpath/contracts/fraud/PaymentBlocked.v1';
import { PaymentHeldForReview } from '@towpath/contracts/fraud/PaymentHeldForReview.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { DeliveryRefused } from '@towpath/contracts/triage/DeliveryRefused.v1';
import { DeliveryRouted } from '@towpath/contracts/triage/DeliveryRouted.v1';
import { DeliveryUnrouted } from '@towpath/contracts/triage/DeliveryUnrouted.v1';
import type { Inspector } from '@towpath/event-store/inspect';

export type DecisionKind = 'approved' | 'held' | 'blocked';

/** The decision of a payment, from the fraud service's store. */
export interface SeenDecision {
  readonly paymentId: string;
  readonly accountId: string;
  readonly kind: DecisionKind;
  readonly score: number;
  readonly missing: readonly string[];
  readonly signals: readonly { readonly name: string; readonly value: string; readonly points: number }[];
  readonly decidedBy: string;
  readonly chargedAt: number;
  /** when it was decided, ms since the epoch */
  readonly decidedAt: number;
}

/** What became of a delivery, from triage's store. */
export interface SeenOutcome {
  readonly kind: 'routed' | 'unrouted' | 'refused';
  readonly deliveryId: string;
  readonly providerEventId: string | null;
  readonly providerType: string;
  /** types of the messages it became; empty unless routed */
  readonly routedTo: readonly string[];
  /** why it was refused or unrouted */
  readonly code: string | null;
}

/** A call that changed something at the provider, from the sandbox's own log. */
export interface SeenEffect {
  readonly action: string;
  readonly subject: string;
  readonly amount: number | null;
  readonly outcome: string;
  readonly time: string;
  /** what the call left with it, such as the order that a charge is for */
  readonly metadata: Readonly<Record<string, string>>;
}

const DECISIONS: Readonly<Record<string, DecisionKind>> = {
  [PaymentApproved.type]: 'approved',
  [PaymentHeldForReview.type]: 'held',
  [PaymentBlocked.type]: 'blocked',
};
const OUTCOMES: Readonly<Record<string, SeenOutcome['kind']>> = {
  [DeliveryRouted.type]: 'routed',
  [DeliveryUnrouted.type]: 'unrouted',
  [DeliveryRefused.type]: 'refused',
};

/** All decisions of payments whose id starts with `prefix`, in the order they were made; a second one of a payment too. */
export async function decisionsOf(inspector: Inspector, prefix: string): Promise<SeenDecision[]> {
  const rows = await inspector.query<{ type: string; data: Omit<SeenDecision, 'kind'> }>(
    `select type, data from fraud.events
     where type = any($1) and starts_with(data ->> 'paymentId', $2) order by position`,
    [Object.keys(DECISIONS), prefix],
  );
  return rows.map(({ type, data }) => ({ ...data, kind: DECISIONS[type] as DecisionKind }));
}

/** All outcomes of deliveries whose provider's event id starts with `prefix`. */
export async function outcomesOf(inspector: Inspector, prefix: string): Promise<SeenOutcome[]> {
  const rows = await inspector.query<{
    type: string;
    data: Omit<SeenOutcome, 'kind' | 'code'> & { code?: string; reason?: string };
  }>(
    `select type, data from triage.events
     where type = any($1) and starts_with(data ->> 'providerEventId', $2) order by position`,
    [Object.keys(OUTCOMES), prefix],
  );
  return rows.map(({ type, data }) => ({
    ...data,
    kind: OUTCOMES[type] as SeenOutcome['kind'],
    routedTo: data.routedTo ?? [],
    code: data.code ?? data.reason ?? null,
  }));
}

/** What really happened at the provider to subjects whose id starts with `prefix`, in order. */
export function effectsOf(home: string, prefix: string): SeenEffect[] {
  return actedIn<SeenEffect>(join(home, 'sandbox', 'effects.jsonl'), prefix);
}

/** A letter that the sandbox's mail server took. */
export interface SeenLetter {
  /** address it went to */
  readonly subject: string;
  readonly time: string;
  readonly body: Readonly<Record<'subject' | 'text', string | null>>;
}

/** Every letter to an address that starts with `prefix`, from the sandbox's own log. */
export function lettersTo(home: string, prefix: string): SeenLetter[] {
  const acts = actedIn<SeenLetter & { readonly action: string }>(join(home, 'sandbox', 'acts.jsonl'), prefix);
  return acts.filter(({ action }) => action === 'mail');
}

function actedIn<Line extends { readonly subject: string }>(file: string, prefix: string): Line[] {
  if (!existsSync(file)) return [];
  // What follows the last newline is nothing, or a line that is still being written.
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines
    .map((line) => JSON.parse(line) as Line & { readonly outcome: string })
    .filter(({ subject, outcome }) => outcome === 'acted' && subject.startsWith(prefix));
}

/** How many messages any service has given up on. */
export async function deadLetters(inspector: Inspector): Promise<number> {
  return (await inspector.recent({ type: DeadLettered.type, limit: 1_000 })).length;
}

/** Streams of a store whose versions do not run 1, 2, 3, … */
export async function streamsWithGaps(inspector: Inspector, schema: string): Promise<string[]> {
  if (!(await inspector.schemas()).includes(schema)) throw new Error(`SCHEMA_UNKNOWN: ${schema}`);
  const rows = await inspector.query<{ stream: string }>(
    `select stream from ${schema}.events group by stream having min(version) <> 1 or max(version) <> count(*)`,
    [],
  );
  return rows.map(({ stream }) => stream);
}
