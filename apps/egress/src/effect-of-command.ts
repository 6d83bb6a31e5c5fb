import type { Contract } from '@towpath/contracts/contract';
import type { EffectReserved } from '@towpath/contracts/egress/EffectReserved.v1';
import type { Received } from '@towpath/service-kit/message';
import { dividedData } from './effect-data.js';
import { effectIdOf, idempotencyKeyOf } from './effect-id.js';
import type { OpenEffect, Origin } from './ledger.projection.js';
import type { Route } from './providers.js';

/**
 * The effect that a command asks for. Its id and the provider's idempotency key follow from the command's `ce_id` alone,
 * so that the same command is the same effect whenever and wherever it is read.
 * @param contract the command's; its `pii` fields go where only their subject's key opens them
 */
export function effectOf(command: Received, contract: Contract, route: Route, now: Date): EffectReserved {
  const effectId = effectIdOf(command.id);
  return {
    effectId,
    action: command.type,
    ...route,
    idempotencyKey: idempotencyKeyOf(effectId),
    ...dividedData(contract, command.data as object),
    reservedAt: now.getTime(),
    agent: null,
  };
}

/** More than this is read from the store again when its turn comes, so that what waits stays small. */
const CONTENT_CHARS_IN_HAND_MAX = 8_192;

/** The effect as the dispatcher takes it over from a handler. */
export function openEffectOf(command: Received, reserved: EffectReserved): OpenEffect {
  const { content } = reserved;
  const inHand = content !== null && content.length > CONTENT_CHARS_IN_HAND_MAX ? null : content;
  return {
    ...reserved,
    content: inHand,
    attempts: 0,
    firedAt: null,
    origin: originOfCommand(command),
  };
}

/** Which message what follows goes back to. */
export function originOfCommand({ id, correlationId, hops, path, traceparent, tracestate, taint }: Received): Origin {
  const trace = { traceparent, ...(tracestate !== undefined && { tracestate }), ...(taint && { taint }) };
  return { id, correlationId, hops, path, ...trace };
}

/** The command again, as far as its story goes, for what is decided after it. */
export function commandOf(effect: OpenEffect): Received {
  const { origin, action, accountId, payload, reservedAt } = effect;
  return {
    ...origin,
    type: action,
    data: JSON.parse(payload),
    subject: accountId,
    source: '/services/egress',
    time: new Date(reservedAt),
    causationId: null,
  };
}
