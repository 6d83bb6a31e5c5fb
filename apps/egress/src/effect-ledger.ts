import { Injectable } from '@nestjs/common';
import { EffectAttemptDue } from '@towpath/contracts/egress/EffectAttemptDue.v1';
import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectDeferred } from '@towpath/contracts/egress/EffectDeferred.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectFired } from '@towpath/contracts/egress/EffectFired.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { EffectRehearsed } from '@towpath/contracts/egress/EffectRehearsed.v1';
import { EffectSettled } from '@towpath/contracts/egress/EffectSettled.v1';
import { AlertRaised } from '@towpath/contracts/platform/AlertRaised.v1';
import { BreakerChanged } from '@towpath/contracts/platform/BreakerChanged.v1';
import { ReviewClosed } from '@towpath/contracts/platform/ReviewClosed.v1';
import { ReviewRequested } from '@towpath/contracts/platform/ReviewRequested.v1';
import { parseSpiffeId } from '@towpath/agents/identity/spiffe';
import type { AgentState } from '@towpath/service-kit/agents/agent-state';
import { agentSwitches } from '@towpath/service-kit/agents/agent-switches.projection';
import { Decisions } from '@towpath/service-kit/decisions';
import type { DecisionState, Reads } from '@towpath/service-kit/handles';
import type { Rehearsed } from '@towpath/outbound/dry-run';
import { emit, remind, type Emission } from '@towpath/service-kit/message';
import { requestReview } from '@towpath/service-kit/reviews/request-review';
import { createHash } from 'node:crypto';
import { CAPTURE, OURSELVES } from './actions.js';
import { adapters } from './adapters.js';
import { breakers } from '@towpath/service-kit/breakers/breakers.projection';
import { disabledBreakerOf, isDisabled } from './disabled-breaker.js';
import { commandOf } from './effect-of-command.js';
import { EffectMetrics, type EffectOutcome } from './effect-metrics.js';
import { effects } from './effect.js';
import { decideFiring, type Verdict } from './effect-ledger.decider.js';
import { toolOf } from './providers.js';
import { haltedAccounts, isHalted, openEffects, subjectEffects, type OpenEffect } from './ledger.projection.js';

const ends = [
  EffectConfirmed,
  EffectFailed,
  EffectOutcomeUnknown,
  EffectDeferred,
  EffectAttemptDue,
  EffectRehearsed,
  EffectSettled,
  ReviewClosed,
  ReviewRequested,
  AlertRaised,
  BreakerChanged,
] as const;

/** Every step of an effect after its reservation. Each is committed when its promise resolves; a step that comes too late does nothing. */
@Injectable()
export class EffectLedger {
  constructor(
    private readonly decisions: Decisions,
    private readonly metrics: EffectMetrics,
  ) {}

  /**
   * Asks whether the effect may be called and, when it may, commits that it is about to be. After `fire` the call must be
   * made exactly once; of several replicas that ask for the same attempt one gets `fire`. `fail` is committed, too.
   */
  async fire(effect: OpenEffect, attempt: number): Promise<Verdict> {
    let verdict: Verdict = { kind: 'drop' };
    const { effectId, action, provider, subjectId, accountId } = effect;
    const emissions = await this.decisions.run({
      step: `fire-effect-${attempt}`,
      cause: commandOf(effect),
      emits: [EffectFired, EffectFailed],
      reads: readsOf(effect),
      decide: (state) => {
        verdict = decideFiring({
          ...{ effectId, action, provider },
          attempt,
          effect: state.of(effects, effectId),
          halted: action === CAPTURE && isHalted(state.row(haltedAccounts, accountId)),
          agentState: agentStateOf(state, effect),
          disabled: isDisabled(state, effect),
          siblings: state.row(subjectEffects, subjectId)?.effects ?? [],
        });
        if (verdict.kind === 'fire') {
          const firedAt = state.now.getTime();
          return [emit(EffectFired, { effectId, action, subjectId, accountId, attempt, firedAt })];
        }
        return verdict.kind === 'fail' ? [failed(effect, verdict.code, verdict.detail, state)] : [];
      },
    });
    this.count(effect, emissions);
    return verdict;
  }

  /** The provider did it. */
  confirm(effect: OpenEffect, providerReference: string): Promise<void> {
    return this.end(effect, 'confirm-effect', (state) => [
      ...settledByLook(effect, 'done', state),
      emit(EffectConfirmed, {
        ...about(effect),
        providerReference,
        attempts: state.of(effects, effect.effectId).attempts,
        confirmedAt: state.now.getTime(),
        dryRun: false,
      }),
    ]);
  }

  /** Nothing was sent, because this is a dry run: what would have been is kept, and the effect ends as if it had been. */
  rehearse(effect: OpenEffect, { method, address, body }: Rehearsed): Promise<void> {
    return this.end(effect, 'rehearse-effect', (state) => [
      emit(EffectRehearsed, {
        ...{ effectId: effect.effectId, provider: effect.provider, accountId: effect.accountId, method, address, body },
        bodySha256: createHash('sha256').update(body).digest('hex'),
        rehearsedAt: state.now.getTime(),
      }),
      emit(EffectConfirmed, {
        ...about(effect),
        providerReference: 'dry-run',
        attempts: state.of(effects, effect.effectId).attempts,
        confirmedAt: state.now.getTime(),
        dryRun: true,
      }),
    ]);
  }

  /** The call came to nothing; the next is made after a pause, by a timer of the database. */
  defer(effect: OpenEffect, attempt: number, pauseMs: number, detail: string): Promise<void> {
    const { effectId, action, subjectId, accountId } = effect;
    return this.end(effect, `defer-effect-${attempt}`, (state) => {
      const dueAt = new Date(state.now.getTime() + pauseMs);
      const what = { effectId, action, subjectId, accountId, attempt, detail: detail.slice(0, DETAIL_CHARS_MAX) };
      return [
        emit(EffectDeferred, { ...what, nextAt: dueAt.getTime() }),
        remind(EffectAttemptDue, dueAt, { effectId, attempt: attempt + 1 }),
      ];
    });
  }

  /** An endpoint took nothing to the end of its schedule, or is gone: nothing more is sent there until a person says so. */
  disable(effect: OpenEffect, code: string, detail: string): Promise<void> {
    return this.end(effect, 'disable-endpoint', (state) => {
      const breakerId = disabledBreakerOf(effect) ?? effect.provider;
      const [service = '', ...name] = breakerId.split('/');
      const cause = `${code}: ${detail}`.slice(0, DETAIL_CHARS_MAX);
      const at = state.now.getTime();
      return [
        failed(effect, code, detail, state),
        emit(BreakerChanged, {
          breakerId,
          service,
          name: name.join('/'),
          state: 'disabled',
          cause,
          actor: null,
          changedAt: at,
        }),
        emit(AlertRaised, {
          ...{ alertId: `endpoint-${effect.effectId}`, name: 'EndpointDisabled', subject: breakerId, count: 1 },
          sampleId: effect.effectId,
          summary: `${breakerId} is disabled: ${cause}. Reset it with towpath breakers reset ${breakerId}`.slice(
            0,
            DETAIL_CHARS_MAX,
          ),
          raisedAt: at,
        }),
        reviewOf(effect, `${breakerId} is disabled (${cause})`),
      ];
    });
  }

  /** It was not done and will not be. */
  fail(effect: OpenEffect, code: string, detail: string): Promise<void> {
    return this.end(effect, 'fail-effect', (state) => [
      ...settledByLook(effect, 'not-done', state),
      failed(effect, code, detail, state),
    ]);
  }

  /** It could not be done in time, for no fault of its own: it ends, and a person has to see to it. */
  abandon(effect: OpenEffect, code: string, detail: string): Promise<void> {
    return this.end(effect, 'abandon-effect', (state) => [
      failed(effect, code, detail, state),
      reviewOf(effect, `${effect.action} could not be done in time (${code}): ${detail}`),
    ]);
  }

  /** Nobody knows whether it was done: a person has to settle it. */
  giveUp(effect: OpenEffect, detail: string): Promise<void> {
    return this.end(effect, 'give-up-effect', (state) => [
      emit(EffectOutcomeUnknown, {
        ...about(effect),
        detail: detail.slice(0, DETAIL_CHARS_MAX),
        attempts: state.of(effects, effect.effectId).attempts,
        givenUpAt: state.now.getTime(),
      }),
      // Of one that was given up before, the review is open.
      ...(effect.again ? [] : [reviewOf(effect, `nobody knows whether ${effect.action} was done: ${detail}`)]),
    ]);
  }

  /** Ends a capture that was not called yet when its account is halted. */
  async failIfHalted(effect: OpenEffect): Promise<void> {
    const emissions = await this.decisions.run({
      step: 'halt-effect',
      cause: commandOf(effect),
      emits: [EffectFailed],
      reads: readsOf(effect),
      decide: (state) =>
        state.of(effects, effect.effectId).phase === 'reserved' && isHalted(state.row(haltedAccounts, effect.accountId))
          ? [failed(effect, 'ACCOUNT_FROZEN', 'captures of the account are halted', state)]
          : [],
    });
    this.count(effect, emissions);
  }

  private async end(
    effect: OpenEffect,
    step: string,
    decide: (state: DecisionState) => readonly Ending[],
  ): Promise<void> {
    const emissions = await this.decisions.run({
      step,
      cause: commandOf(effect),
      emits: ends,
      reads: readsOf(effect),
      decide: (state) => (isOpen(state, effect) ? decide(state) : []),
    });
    this.count(effect, emissions);
  }

  /** Only what was appended counts: another replica may have been faster. */
  private count({ action }: OpenEffect, emissions: readonly Emission[]): void {
    for (const { contract } of emissions) {
      const outcome = OUTCOMES[contract.type];
      if (outcome !== undefined) this.metrics.ended(action, outcome);
    }
  }
}

/** The effect and every row that its steps write, so that a step needs one read. */
function readsOf(effect: OpenEffect): Reads {
  const { effectId, action, subjectId, accountId } = effect;
  const rows = [openEffects.at(effectId), subjectEffects.at(subjectId)];
  const breaker = disabledBreakerOf(effect);
  if (action === CAPTURE) rows.push(haltedAccounts.at(accountId));
  if (breaker !== undefined) rows.push(breakers.at(breaker));
  const agent = agentOf(effect);
  if (agent !== undefined) rows.push(agentSwitches.at(agent));
  return { streams: [effects.of(effectId)], rows };
}

/** The name of the agent that asked for it. */
function agentOf({ agent }: OpenEffect): string | undefined {
  return agent === null ? undefined : parseSpiffeId(agent)?.name;
}

function agentStateOf(state: DecisionState, effect: OpenEffect): AgentState {
  const agent = agentOf(effect);
  return agent === undefined ? 'running' : (state.row(agentSwitches, agent)?.state ?? 'running');
}

const OUTCOMES: Readonly<Record<string, EffectOutcome>> = {
  [EffectConfirmed.type]: 'confirmed',
  [EffectFailed.type]: 'failed',
  [EffectOutcomeUnknown.type]: 'unknown',
};

type Ending = ReturnType<typeof emit<(typeof ends)[number]>>;

/** What a provider says may be long; the ledger keeps its beginning. */
const DETAIL_CHARS_MAX = 500;

function failed(effect: OpenEffect, code: string, detail: string, state: DecisionState) {
  return emit(EffectFailed, {
    ...about(effect),
    code,
    detail: detail.slice(0, DETAIL_CHARS_MAX),
    attempts: state.of(effects, effect.effectId).attempts,
    failedAt: state.now.getTime(),
  });
}

function isOpen(state: DecisionState, { effectId }: OpenEffect): boolean {
  const { phase } = state.of(effects, effectId);
  return phase === 'reserved' || phase === 'fired';
}

function about({ effectId, action, provider, subjectId, accountId, idempotencyKey, origin, again }: OpenEffect) {
  const commandId = again?.commandId ?? origin.id;
  return { effectId, action, provider, subjectId, accountId, idempotencyKey, commandId };
}

/** What closes the question about an effect that was given up, when another look answered it. */
function settledByLook(effect: OpenEffect, outcome: 'done' | 'not-done', state: DecisionState): readonly Ending[] {
  const { effectId, action, provider, subjectId, accountId, again } = effect;
  if (!again) return [];
  const known = { outcome, before: 'unknown', actor: OURSELVES, reason: 'the provider was asked again' };
  const settledAt = state.now.getTime();
  return [
    emit(EffectSettled, { effectId, action, provider, subjectId, accountId, ...known, settledAt }),
    emit(ReviewClosed, { reviewId: `effect-${effectId}`, outcome: `found to be ${outcome}`, actor: OURSELVES }),
  ];
}

function reviewOf(effect: OpenEffect, reason: string) {
  const { effectId, action, subjectId, idempotencyKey } = effect;
  return requestReview({
    reviewId: `effect-${effectId}`,
    service: 'egress',
    subjectType: toolOf(adapters, effect.provider, action)?.subjectType ?? 'account',
    subjectId,
    reason: reason.slice(0, DETAIL_CHARS_MAX),
    action: 'SettleEffect',
    arguments: { effectId, action, idempotencyKey },
    evidence: { reason: reason.slice(0, DETAIL_CHARS_MAX) },
  });
}
