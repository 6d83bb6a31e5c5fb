import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectDeferred } from '@towpath/contracts/egress/EffectDeferred.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectFired } from '@towpath/contracts/egress/EffectFired.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { EffectRecalled } from '@towpath/contracts/egress/EffectRecalled.v1';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import type { Taint } from '@towpath/contracts/taint';
import { isOf } from '@towpath/event-store/fold';
import { projection } from '@towpath/event-store/projection';
import type { DomainEvent, EventStore } from '@towpath/event-store/types';
import { CAPTURE, HALT, OURSELVES, RESUME } from './actions.js';
import type { Sibling } from './effect-ledger.decider.js';

/** Which message an effect goes back to, so that what follows continues its story after a restart. */
export interface Origin {
  readonly id: string;
  readonly correlationId: string;
  readonly hops: number;
  readonly path: readonly string[];
  readonly traceparent: string | null;
  readonly tracestate?: string;
  readonly taint?: Taint;
}

/** An effect that has not ended yet. */
export interface OpenEffect extends EffectReserved {
  readonly attempts: number;
  readonly firedAt: number | null;
  /** when the next call is due, of an effect that waits for it */
  readonly nextAt?: number;
  /** when it was recalled, milliseconds since the epoch */
  readonly recalledAt?: number;
  /** of one that was given up and is looked at again */
  readonly again?: { readonly commandId: string; readonly seen: string };
  readonly origin: Origin;
}

/** Every effect that has not ended, so that a start finds what an earlier process left. */
export const openEffects = projection<OpenEffect>({
  name: 'open-effects',
  keysOf: (event) =>
    isOf(EffectReserved, event) ||
    isOf(EffectFired, event) ||
    isOf(EffectDeferred, event) ||
    isOf(EffectRecalled, event) ||
    isEnd(event)
      ? [event.data.effectId]
      : [],
  evolve(row, event) {
    if (isOf(EffectReserved, event)) return { ...event.data, attempts: 0, firedAt: null, origin: originOf(event) };
    if (isOf(EffectFired, event)) return row && { ...row, attempts: event.data.attempt, firedAt: event.data.firedAt };
    if (isOf(EffectDeferred, event)) return row && { ...row, firedAt: null, nextAt: event.data.nextAt };
    if (isOf(EffectRecalled, event)) {
      const { recalledAt } = event.data;
      return row ? { ...row, recalledAt } : reopenedEffect(event.data, originOf(event));
    }
    return undefined;
  },
});

/**
 * The effects of a payment or connected account that did not fail, in the order they were asked for. A call that is about
 * to be made writes the row, so that of two replicas one sees what the other reserved or fired.
 */
export const subjectEffects = projection<{ readonly effects: readonly Sibling[] }>({
  name: 'subject-effects',
  keysOf: (event) =>
    (isOf(EffectReserved, event) || isOf(EffectFired, event) || isEnd(event) ? [event.data.subjectId] : []).filter(
      () => !isOwn(event),
    ),
  evolve(row, event) {
    const siblings = row?.effects ?? [];
    if (isOf(EffectReserved, event)) {
      const { effectId, action, provider } = event.data;
      return { effects: [...siblings, { effectId, action, phase: 'reserved', provider }] };
    }
    if (isOf(EffectFired, event)) return withEffects(withPhase(siblings, event.data.effectId, 'fired'));
    if (!isEnd(event)) return row;
    const { effectId } = event.data;
    // Payouts may be held and released for ever; only payments need to remember what was done.
    if (isOf(EffectFailed, event) || !event.data.action.endsWith('Payment'))
      return withEffects(siblings.filter((sibling) => sibling.effectId !== effectId));
    const phase = isOf(EffectConfirmed, event) ? 'confirmed' : 'unknown';
    return withEffects(withPhase(siblings, effectId, phase));
  },
});

/**
 * Accounts whose captures are halted, and those with a capture under way (`since` is null). A capture that is about to be
 * called writes the row, and so does a halt: of two replicas that do both at once one conflicts and decides again, so no
 * capture is called after the commit of a halt. There is no row when nothing is halted or under way.
 */
export const haltedAccounts = projection<HaltedAccount>({
  name: 'halted-accounts',
  keysOf: (event) => {
    if (isOf(EffectReserved, event)) return isOwn(event) ? [event.data.accountId] : [];
    if (!isOf(EffectFired, event) && !isEnd(event)) return [];
    return event.data.action === CAPTURE ? [event.data.accountId] : [];
  },
  evolve(row, event) {
    if (isOf(EffectFired, event)) return row ?? { since: null };
    if (isEnd(event)) return isHalted(row) ? row : undefined;
    if (!isOf(EffectReserved, event)) return row;
    if (event.data.action === RESUME) return undefined;
    return event.data.action === HALT ? { since: row?.since ?? event.data.reservedAt } : row;
  },
});

export interface HaltedAccount {
  /** when its captures were halted, milliseconds since the epoch; null when they are not */
  readonly since: number | null;
}

export function isHalted(row: HaltedAccount | undefined): boolean {
  return row !== undefined && row.since !== null;
}

/** Effects that have not ended, those that waited longest first. */
export async function readOpenEffects(store: Pick<EventStore, 'query'>, limit: number): Promise<OpenEffect[]> {
  const rows = await store.query<{ state: OpenEffect }>(
    'open_effects',
    `select state from projections where name = 'open-effects' order by (state->>'reservedAt')::bigint limit $1`,
    [limit],
  );
  return rows.map(({ state }) => state);
}

/** The account's effects that have not ended. */
export async function readOpenEffectsOf(store: Pick<EventStore, 'query'>, accountId: string): Promise<OpenEffect[]> {
  const rows = await store.query<{ state: OpenEffect }>(
    'open_effects_of_account',
    `select state from projections where name = 'open-effects' and state->>'accountId' = $1`,
    [accountId],
  );
  return rows.map(({ state }) => state);
}

/** An effect that was given up, looked at again on behalf of whoever recalled it; undefined when it was recalled otherwise. */
export function reopenedEffect(recalled: EffectRecalled, origin: Origin): OpenEffect | undefined {
  const { effectId, action, subjectId, attempts, firedAt, agent, recalledAt, commandId, seen } = recalled;
  const { accountId, provider, idempotencyKey, payload, reservedAt } = recalled;
  if (accountId === null || provider === null || idempotencyKey === null || payload === null || reservedAt === null)
    return undefined;
  return {
    ...{ effectId, action, provider, subjectId, accountId, idempotencyKey, payload, content: null, reservedAt, agent },
    ...{ attempts, firedAt, recalledAt, again: { commandId, seen: seen ?? 'nobody knew its outcome' } },
    origin,
  };
}

type End = EffectConfirmed | EffectFailed | EffectOutcomeUnknown;

function isEnd(event: DomainEvent): event is DomainEvent & { readonly data: End } {
  return isOf(EffectConfirmed, event) || isOf(EffectFailed, event) || isOf(EffectOutcomeUnknown, event);
}

function isOwn(event: DomainEvent): boolean {
  return (event.data as { provider?: unknown }).provider === OURSELVES;
}

function withPhase(siblings: readonly Sibling[], effectId: string, phase: Sibling['phase']): readonly Sibling[] {
  return siblings.map((sibling) => (sibling.effectId === effectId ? { ...sibling, phase } : sibling));
}

function withEffects(effects: readonly Sibling[]): { effects: readonly Sibling[] } | undefined {
  return effects.length === 0 ? undefined : { effects };
}

function originOf({ metadata }: DomainEvent): Origin {
  const { causationId, correlationId, hops, path, traceparent, tracestate, taint } = metadata;
  // The event stands one step behind the command that caused it, and so does its path.
  return {
    id: causationId,
    correlationId,
    hops: hops - 1,
    path: (path ?? []).slice(0, -1),
    traceparent: traceparent ?? null,
    ...(tracestate !== undefined && { tracestate }),
    ...(taint !== undefined && { taint }),
  };
}
