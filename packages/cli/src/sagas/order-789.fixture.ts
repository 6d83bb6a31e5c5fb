import { SagaEnded } from '@towpath/contracts/sagas/SagaEnded.v1';
import { SagaStarted } from '@towpath/contracts/sagas/SagaStarted.v1';
import { SagaStepChanged } from '@towpath/contracts/sagas/SagaStepChanged.v1';
import type { DomainEvent } from '@towpath/event-store/types';

export const SAGA_ID = '4b1f0c9a2d7e8866a90c1f35';
export const STARTED_AT = Date.parse('2026-01-31T09:00:00.000Z');
export const DECLARED = ['charge', 'reserve', 'ship', 'confirm'];

const about = { sagaId: SAGA_ID, definition: 'order-fulfilment', key: 'order_789' };

/** An event of the instance's stream. */
export function event(type: string, data: object, afterMs: number): DomainEvent {
  const metadata = { correlationId: 'story', causationId: 'cause', hops: 1, handler: 'spec' };
  const occurredAt = new Date(STARTED_AT + afterMs);
  return { id: `e${afterMs}`, stream: `saga-${SAGA_ID}`, type, data, metadata, occurredAt };
}

type Change = SagaStepChanged['changes'][number];

/** Steps that changed at once; `step`, `side` and `state` matter, the rest is empty where it is left out. */
export function changed(
  afterMs: number,
  status: string,
  ...changes: readonly (Pick<Change, 'step' | 'side' | 'state'> & Partial<Change>)[]
): DomainEvent {
  const none = { attempt: 1, commandId: null, command: null, code: null, detail: null, result: null };
  const full = changes.map((change) => ({ ...none, way: change.step, ...change }));
  const when = { dueAt: null, changedAt: STARTED_AT + afterMs };
  return event(SagaStepChanged.type, { ...about, status, code: null, changes: full, ...when }, afterMs);
}

export function ended(afterMs: number, end: Partial<SagaEnded>): DomainEvent {
  const none = { outcome: 'completed', code: null, reason: '', failedStep: null };
  return event(SagaEnded.type, { ...about, ...none, ...end, endedAt: STARTED_AT + afterMs }, afterMs);
}

export function started(): DomainEvent {
  const begun = { version: 1, startedBy: 'orders.v1.OrderPlaced', payload: '{}', personId: '' };
  return event(SagaStarted.type, { ...about, ...begun, deadlineAt: null, startedAt: STARTED_AT }, 0);
}

/** The example of the seed: the carrier times out, and what was done is undone in reverse order. */
export const order789: readonly DomainEvent[] = [
  started(),
  changed(4, 'running', { step: 'charge', side: 'act', state: 'running', command: 'payments.v1.ChargeCard' }),
  changed(
    212,
    'running',
    { step: 'charge', side: 'act', state: 'completed' },
    { step: 'reserve', side: 'act', state: 'running', command: 'commerce.v1.ReserveInventory' },
  ),
  changed(
    260,
    'running',
    { step: 'reserve', side: 'act', state: 'completed' },
    { step: 'ship', side: 'act', state: 'running', command: 'shipping.v1.BookShipment' },
  ),
  changed(10_310, 'running', {
    step: 'ship',
    side: 'act',
    state: 'probing',
    code: 'TIMEOUT',
    detail: 'Carrier API timeout',
    command: 'platform.v1.ProbeEffect',
  }),
  changed(
    10_402,
    'compensating',
    { step: 'ship', side: 'act', state: 'failed', code: 'TIMEOUT', detail: 'Carrier API timeout' },
    { step: 'reserve', side: 'undo', state: 'running', command: 'commerce.v1.ReleaseInventory' },
  ),
  changed(
    10_450,
    'compensating',
    { step: 'reserve', side: 'undo', state: 'completed' },
    { step: 'charge', side: 'undo', state: 'running', command: 'payments.v1.RefundCharge' },
  ),
  changed(10_633, 'compensating', { step: 'charge', side: 'undo', state: 'completed' }),
  ended(10_633, {
    outcome: 'compensated',
    code: 'TIMEOUT',
    reason: 'ship failed: Carrier API timeout',
    failedStep: 'ship',
  }),
];
