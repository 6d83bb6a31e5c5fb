import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectFired } from '@towpath/contracts/egress/EffectFired.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import type { Projection } from '@towpath/event-store/projection';
import type { DomainEvent } from '@towpath/event-store/types';
import { CANCEL, CAPTURE, HALT, OURSELVES, REFUND, RESUME, STRIPE } from '../../apps/egress/src/actions.js';
import { decideFiring } from '../../apps/egress/src/effect-ledger.decider.js';
import { effects } from '../../apps/egress/src/effect.js';
import type { EffectRecord } from '../../apps/egress/src/probe-effect.decider.js';
import {
  haltedAccounts,
  isHalted,
  subjectEffects,
  type HaltedAccount,
} from '../../apps/egress/src/ledger.projection.js';
import type { Sibling } from '../../apps/egress/src/effect-ledger.decider.js';
import { hold } from './simulate.js';

export const actions = { capture: CAPTURE, cancel: CANCEL, refund: REFUND, halt: HALT, resume: RESUME } as const;

/** What a call comes to; `lost` acts and tells nobody, `silent` does neither. */
export type Fate = 'done' | 'refused' | 'not-acted' | 'lost' | 'silent';

export type LedgerStep =
  | { readonly kind: 'command'; readonly what: keyof typeof actions; readonly payment: number }
  /** a process takes an open effect over; the one that had it may still run, but its call has ended: it lasts less long */
  | { readonly kind: 'take'; readonly effect: number }
  | { readonly kind: 'go'; readonly run: number; readonly fate: Fate }
  | { readonly kind: 'kill'; readonly run: number; readonly acts: boolean };

interface Effect {
  readonly id: string;
  readonly action: string;
  readonly subject: string;
  state: EffectRecord;
}

/** One process at one effect. */
interface Run {
  readonly effect: Effect;
  attempts: number;
  /** it was called, and nobody knows what came of it */
  unsettled: boolean;
  /** committed to the call, which has not ended */
  calling: boolean;
}

const account = 'cus_1';
const attemptsMax = 4;

/**
 * Effects of one account, the processes that carry them out and a provider. Every decision is the ledger's own and is
 * committed at once, as a transaction is; between two steps of a process others act. `keepsKeys`: the provider answers a
 * repeated idempotency key with the first outcome; without, nothing may be called again by itself.
 */
export class LedgerModel {
  private readonly known: Effect[] = [];
  private runs: Run[] = [];
  private readonly rows = new Map<string, { readonly effects: readonly Sibling[] }>();
  private halted: HaltedAccount | undefined;
  /** how often the provider did what a key asked for */
  private readonly acted = new Map<string, number>();
  private readonly fired = new Set<string>();
  private haltAsked = false;

  constructor(private readonly keepsKeys: boolean) {}

  step(step: LedgerStep): void {
    if (step.kind === 'command') return this.command(actions[step.what], `pi_${step.payment}`);
    if (step.kind === 'take') return this.take(this.known[step.effect % Math.max(1, this.known.length)]);
    const run = this.runs[step.run % Math.max(1, this.runs.length)];
    if (!run) return;
    if (step.kind === 'kill') this.kill(run, step.acts);
    else this.go(run, step.fate);
  }

  /** Processes that are let finish, with a provider that answers, end every effect. */
  expectEnds(): void {
    for (const run of [...this.runs]) this.kill(run, false);
    for (let round = 0; round < 20 && this.known.some(isOpen); round += 1) {
      for (const effect of this.known.filter(isOpen)) {
        this.take(effect);
        const [run] = this.runs;
        for (let turn = 0; turn < attemptsMax + 3 && run && this.runs.includes(run); turn += 1) this.go(run, 'done');
        for (const left of [...this.runs]) this.kill(left, false);
      }
    }
    hold(!this.known.some(isOpen), 'every effect ends');
    this.holdInvariants();
  }

  private command(action: string, payment: string): void {
    const own = action === HALT || action === RESUME;
    const effect: Effect = {
      id: `effect-${this.known.length}`,
      action,
      subject: own ? account : payment,
      state: effects.initial,
    };
    this.known.push(effect);
    this.haltAsked = action === HALT ? true : action === RESUME ? false : this.haltAsked;
    this.append(effect, EffectReserved.type, { provider: own ? OURSELVES : STRIPE, reservedAt: 1 });
    // What egress does by itself is done with its reservation.
    if (own) this.append(effect, EffectConfirmed.type, {});
  }

  private take(effect: Effect | undefined): void {
    if (!effect || !isOpen(effect)) return;
    const before = this.runs.filter((run) => run.effect === effect);
    if (before.length > 1) return;
    for (const run of before) this.endCall(run, 'lost');
    this.runs.push({ effect, attempts: effect.state.attempts, unsettled: effect.state.attempts > 0, calling: false });
  }

  private kill(run: Run, acts: boolean): void {
    this.endCall(run, acts ? 'lost' : 'silent');
    this.runs = this.runs.filter((one) => one !== run);
  }

  private go(run: Run, fate: Fate): void {
    if (run.calling) this.endCall(run, fate);
    else if (run.unsettled) this.settle(run);
    else this.fire(run);
    this.holdInvariants();
  }

  private fire(run: Run): void {
    const { effect } = run;
    const attempt = run.attempts + 1;
    const halted = effect.action === CAPTURE && isHalted(this.halted);
    const siblings = this.rows.get(effect.subject)?.effects ?? [];
    const about = {
      effectId: effect.id,
      action: effect.action,
      provider: STRIPE,
      effect: effect.state,
      attempt,
      halted,
      agentState: 'running' as const,
      disabled: false,
      siblings,
    };
    const verdict = decideFiring(about);
    if (verdict.kind === 'wait') return;
    if (verdict.kind === 'fail') this.append(effect, EffectFailed.type, {});
    if (verdict.kind !== 'fire') return this.over(run);
    hold(!this.fired.has(`${effect.id}/${attempt}`), 'one process alone makes an attempt');
    hold(effect.action !== CAPTURE || !this.isToBeCancelled(effect), 'a cancel overtakes a capture');
    hold(effect.action !== CAPTURE || !this.haltAsked, 'nothing is captured after its account is halted');
    this.fired.add(`${effect.id}/${attempt}`);
    this.append(effect, EffectFired.type, { attempt, firedAt: attempt });
    run.attempts = attempt;
    run.calling = true;
  }

  private isToBeCancelled({ subject }: Effect): boolean {
    return this.known.some((one) => one.subject === subject && one.action === CANCEL && one.state.phase !== 'failed');
  }

  private endCall(run: Run, fate: Fate): void {
    if (!run.calling) return;
    run.calling = false;
    const { effect } = run;
    const answer = this.answerOf(effect, fate);
    if (answer === 'done') this.end(run, EffectConfirmed.type);
    else if (answer === 'refused') this.end(run, EffectFailed.type);
    else if (answer !== 'not-acted') run.unsettled = true;
  }

  /** What the provider does and says; a key that it keeps and has acted on gets that outcome again. */
  private answerOf({ id }: Effect, fate: Fate): Fate {
    const did = this.acted.get(id) ?? 0;
    if (fate === 'done' || fate === 'lost') this.acted.set(id, this.keepsKeys ? 1 : did + 1);
    const repeated = this.keepsKeys && did > 0 && fate !== 'lost' && fate !== 'silent';
    return repeated ? 'done' : fate;
  }

  /** Asks the provider; calls again under the same key only when it says that nothing was done. */
  private settle(run: Run): void {
    if ((this.acted.get(run.effect.id) ?? 0) > 0) return this.end(run, EffectConfirmed.type);
    if (!this.keepsKeys || run.attempts >= attemptsMax) return this.end(run, EffectOutcomeUnknown.type);
    run.unsettled = false;
  }

  private end(run: Run, type: string): void {
    if (isOpen(run.effect)) this.append(run.effect, type, {});
    this.over(run);
  }

  private over(run: Run): void {
    this.runs = this.runs.filter((one) => one !== run);
  }

  private append(effect: Effect, type: string, data: object): void {
    const { id: effectId, action, subject: subjectId } = effect;
    const about = { effectId, action, subjectId, accountId: account, idempotencyKey: `towpath-${effectId}` };
    const metadata = { correlationId: 'story', causationId: 'command', hops: 1, handler: 'simulation' };
    const event: DomainEvent = {
      ...{ id: `${effectId}/${type}`, stream: effects.of(effectId), type, metadata, occurredAt: new Date(0) },
      data: { provider: STRIPE, payload: '{}', ...about, ...data },
    };
    effect.state = effects.evolve(effect.state, event);
    this.halted = evolved(haltedAccounts, account, this.halted, event);
    const row = evolved(subjectEffects, subjectId, this.rows.get(subjectId), event);
    if (row) this.rows.set(subjectId, row);
    else this.rows.delete(subjectId);
  }

  private holdInvariants(): void {
    const did = this.known.filter(({ id }) => (this.acted.get(id) ?? 0) > 0);
    for (const { id } of did) hold(this.acted.get(id) === 1, 'the provider acts once per idempotency key');
    for (const subject of new Set(did.map((one) => one.subject))) {
      const count = (action: string): number =>
        did.filter((one) => one.subject === subject && one.action === action).length;
      hold(count(CAPTURE) + count(CANCEL) <= 1, 'a payment is captured once or cancelled once');
      hold(count(REFUND) <= 1, 'a payment is refunded once');
      hold(count(CANCEL) === 0 || count(REFUND) === 0, 'a cancelled payment is not refunded');
    }
  }
}

function isOpen({ state }: Effect): boolean {
  return state.phase === 'reserved' || state.phase === 'fired';
}

function evolved<Row>(of: Projection<Row>, key: string, row: Row | undefined, event: DomainEvent): Row | undefined {
  return of.keysOf(event).includes(key) ? of.evolve(row, event, key) : row;
}
