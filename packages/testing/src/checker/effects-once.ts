import { EffectConfirmed } from '@towpath/contracts/egress/EffectConfirmed.v1';
import { EffectFailed } from '@towpath/contracts/egress/EffectFailed.v1';
import { EffectOutcomeUnknown } from '@towpath/contracts/egress/EffectOutcomeUnknown.v1';
import { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import { Findings, type EventRow, type SandboxLine, type Verdict } from './evidence.js';

/** Actions that move money: each at most once per payment. A payout schedule may be set again and again. */
const ONCE_PER_PAYMENT: ReadonlySet<string> = new Set(['capture', 'cancel', 'refund']);
const ENDS: ReadonlySet<string> = new Set([EffectConfirmed.type, EffectFailed.type, EffectOutcomeUnknown.type]);

interface Effect {
  readonly key: string;
  readonly isCall: boolean;
  readonly ends: string[];
}

/**
 * I2: the provider's own log shows at most one act per idempotency key and per payment and action, and none that egress
 * never reserved. I5: each reserved effect ended, once, and one that is confirmed was really done.
 */
export class EffectsOnce {
  private readonly effects = new Map<string, Effect>();
  private readonly acted = new Map<string, number>();
  private readonly moved = new Map<string, number>();

  event(row: EventRow): void {
    const id = String(row.data['effectId']);
    if (row.type === EffectReserved.type) {
      const isCall = row.data['provider'] === 'stripe';
      this.effects.set(id, { key: String(row.data['idempotencyKey']), isCall, ends: [] });
    } else if (ENDS.has(row.type)) this.effects.get(id)?.ends.push(row.type);
  }

  line({ action, subject, idempotencyKey, outcome }: SandboxLine): void {
    if (outcome !== 'acted') return;
    add(this.acted, idempotencyKey ?? `without key: ${action} ${subject}`);
    if (ONCE_PER_PAYMENT.has(action)) add(this.moved, `${action} ${subject}`);
  }

  verdicts(): Verdict[] {
    return [this.once(), this.settled()];
  }

  private once(): Verdict {
    const findings = new Findings('I2 at most one effect per key');
    const reserved = new Set([...this.effects.values()].map(({ key }) => key));
    for (const [key, times] of this.acted) {
      findings.check(times === 1, () => `${key} was acted on ${times} times`);
      findings.check(reserved.has(key), () => `${key} was acted on and never reserved`);
    }
    for (const [what, times] of this.moved) findings.check(times === 1, () => `${what} was done ${times} times`);
    return findings.verdict();
  }

  private settled(): Verdict {
    const findings = new Findings('I5 each effect settles');
    for (const [id, { key, isCall, ends }] of this.effects) {
      findings.check(ends.length === 1, () => `effect ${id} ended ${ends.length} times`);
      if (!isCall || ends[0] === EffectOutcomeUnknown.type) continue;
      const wanted = ends[0] === EffectConfirmed.type ? 1 : 0;
      const seen = this.acted.get(key) ?? 0;
      findings.check(seen === wanted, () => `effect ${id} ended ${ends[0]}, the provider acted ${seen} times`);
    }
    return findings.verdict();
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
