import type { Contract } from '@towpath/contracts/contract';
import type { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import type { Received } from '@towpath/service-kit/message';
import { createHash } from 'node:crypto';
import type { OpenEffect } from './ledger.projection.js';

/** Set beside the payload of the command by the handler that knows it. */
export interface Target {
  readonly provider: string;
  /** payment, connected account, or for a halt the account */
  readonly subjectId: string;
}

/**
 * The effect that a command asks for. Its id and the provider's idempotency key follow from the command's `ce_id` alone,
 * so that the same command is the same effect whenever and wherever it is read.
 */
export function effectOf(
  command: Received<Contract<{ accountId: string }>>,
  target: Target,
  now: Date,
): EffectReserved {
  const effectId = createHash('sha256').update(`effect/${command.id}`).digest('hex').slice(0, 32);
  return {
    effectId,
    action: command.type,
    ...target,
    accountId: command.data.accountId,
    idempotencyKey: `towpath-${effectId}`,
    payload: JSON.stringify(command.data),
    reservedAt: now.getTime(),
  };
}

/** The effect as the dispatcher takes it over from a handler. */
export function openEffectOf(command: Received, reserved: EffectReserved): OpenEffect {
  const { id, correlationId, hops, path, traceparent } = command;
  return { ...reserved, attempts: 0, firedAt: null, origin: { id, correlationId, hops, path, traceparent } };
}

/** The command again, as far as its story goes, for what is decided after it. */
export function commandOf(effect: OpenEffect): Received {
  const { origin, action, accountId, payload, reservedAt } = effect;
  return {
    ...origin,
    type: action,
    data: JSON.parse(payload),
    subject: accountId,
    source: '/services/fraud',
    time: new Date(reservedAt),
    causationId: null,
  };
}
