import { PaymentCaptured } from '@towpath/contracts/payments/PaymentCaptured.v1';
import { DeliveryRouted } from '@towpath/contracts/triage/DeliveryRouted.v1';
import type { RestoredEvent } from '@towpath/event-store/restore/restored';
import type { DomainEvent, Metadata } from '@towpath/event-store/types';
import type { Decided } from './decide-group.js';
import type { Item } from './item.js';
import { heldAgainst, isSettled, ownOf } from './restored-decision.js';
import { decisionId } from './story.js';

const metadata: Metadata = { correlationId: 's', causationId: 'm-1', hops: 1, path: [], handler: 'Route' };

function eventOf(type: string, index: number, data: object = { index }): DomainEvent {
  return { id: decisionId('m-1', 'Route', index), stream: `s-${index}`, type, data, metadata, occurredAt: new Date(1) };
}
function before(event: DomainEvent, imported: boolean, handler = 'Route'): RestoredEvent {
  return { ...event, cause: 'm-1', handler, imported, metadata: { ...metadata, traceparent: 'as it was' } };
}
function itemOf(restored: readonly RestoredEvent[], emits: readonly object[], changes: object = {}): Item {
  return {
    message: { id: 'm-1' },
    handler: { name: 'Route', emits },
    restored,
    attempts: 0,
    ...changes,
  } as unknown as Item;
}
const decidedOf = (item: Item, events: readonly DomainEvent[]): Decided => ({
  item,
  emissions: [],
  events,
  timers: [],
});

const captured = eventOf(PaymentCaptured.type, 1);
const routed = eventOf(DeliveryRouted.type, 0);

describe('a decision that is made again after a restore', () => {
  it('knows its own events by their ids, and its dead letter', () => {
    const letter = { ...before(captured, true), id: decisionId('m-1', 'Route/dead-letter', 0) };
    const others = { ...before(captured, true), id: decisionId('m-1', 'Other', 1) };
    expect(ownOf('m-1', 'Route', [others, before(captured, true), letter])).toEqual([before(captured, true), letter]);
    expect(ownOf('m-2', 'Route', [before(captured, true)])).toEqual([]);
    const named = { ...before(captured, true), id: '00000000-0000-8000-8000-000000000001' };
    expect(ownOf('m-1', 'Route', [named, { ...named, handler: 'Other' }])).toEqual([named]);
  });

  it('is settled once all is back, unless its handler may append what is never published', () => {
    expect(isSettled(itemOf([before(captured, true)], [PaymentCaptured]))).toBe(true);
    expect(isSettled(itemOf([before(captured, false)], [PaymentCaptured]))).toBe(false);
    expect(isSettled(itemOf([before(captured, true)], [PaymentCaptured, DeliveryRouted]))).toBe(false);
    expect(isSettled(itemOf([before(captured, true, 'Route/dead-letter')], [DeliveryRouted]))).toBe(true);
    expect(isSettled(itemOf([before(captured, true)], [PaymentCaptured], { caller: {} }))).toBe(false);
  });

  it('appends what is lost beside what is back', () => {
    const item = itemOf([before(captured, true)], []);
    expect(heldAgainst(item, decidedOf(item, [routed, captured]))).toMatchObject({ events: [routed] });
  });

  it('appends what was published as it was, whatever it says now', () => {
    const item = itemOf([before(captured, false)], []);
    const again = heldAgainst(item, decidedOf(item, [routed, { ...captured, data: { index: 2 } }])) as Decided;
    expect(again.events[1]?.data).toEqual({ index: 1 });
    expect(again.events.map(({ id }) => id)).toEqual([routed.id, captured.id]);
    expect(again.asBefore?.get(captured.id)?.metadata.traceparent).toBe('as it was');
  });

  it.each([
    ['another message', [routed, { ...captured, type: DeliveryRouted.type }]],
    ['another stream', [routed, { ...captured, stream: 's-2' }]],
    ['less', [routed]],
    ['more', [routed, captured, eventOf(PaymentCaptured.type, 2)]],
  ])('diverges when it comes to %s', (_, events) => {
    const item = itemOf([before(captured, true)], []);
    expect(heldAgainst(item, decidedOf(item, events))).toMatchObject({ code: 'RESTORE_DIVERGED', permanent: false });
  });

  it('is taken as it is when the service decides by itself', () => {
    const item = itemOf([before(captured, false)], [], { caller: {} });
    expect(heldAgainst(item, decidedOf(item, [routed]))).toMatchObject({ events: [routed] });
  });
});
