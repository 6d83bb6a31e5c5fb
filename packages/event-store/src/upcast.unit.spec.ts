import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Contract } from '@towpath/contracts/contract';
import { aggregate, fold, isOf } from './fold.js';
import { project, projection } from './projection.js';
import type { StoredEvent } from './types.js';
import { upcaster, Upcasters } from './upcast.js';

interface PlacedV1 {
  readonly orderId: string;
  readonly total: number;
  readonly buyer: string | null;
}
interface PlacedV2 {
  readonly orderId: string;
  readonly totalMinor: number;
}
interface PlacedV3 extends PlacedV2 {
  readonly currency: string;
}

const PlacedV1 = contract<PlacedV1, 'shop.v1.Placed'>('shop.v1.Placed', [{ name: 'buyer', subject: 'orderId' }]);
const PlacedV2 = contract<PlacedV2, 'shop.v2.Placed'>('shop.v2.Placed');
const PlacedV3 = contract<PlacedV3, 'shop.v3.Placed'>('shop.v3.Placed');

const toV2 = upcaster(PlacedV1, PlacedV2, ({ orderId, total }) => ({ orderId, totalMinor: Math.round(total * 100) }));
const toV3 = upcaster(PlacedV2, PlacedV3, (data) => ({ ...data, currency: 'EUR' }));
const upcasters = new Upcasters([toV2, toV3]);

/** An event as it was stored by the first release that had it; the file is never changed. */
const stored = (): StoredEvent => {
  const text = readFileSync(join(import.meta.dirname, 'upcast.golden.json'), 'utf8');
  const { hash, occurredAt, ...event } = JSON.parse(text) as Record<string, string>;
  return { ...event, hash: Buffer.from(hash!, 'hex'), occurredAt: new Date(occurredAt!) } as unknown as StoredEvent;
};

describe('an event of an older version', () => {
  it('reads as the newest over every version between, and is the same event', () => {
    const { type, data, ...rest } = upcasters.event(stored());
    const { type: _type, data: _data, ...before } = stored();
    expect([type, data]).toEqual([PlacedV3.type, { orderId: 'o1', totalMinor: 1999, currency: 'EUR' }]);
    expect(rest).toEqual(before);
  });

  it('stays what it is: reading it changes nothing of what was stored', () => {
    const event = Object.freeze({ ...stored(), data: Object.freeze(stored().data as object) });
    upcasters.event(event);
    expect(event).toEqual(stored());
  });

  it('is folded and projected by code that knows the newest version only', () => {
    const totals = aggregate<number>({
      ...{ stream: 'order', initial: 0 },
      evolve: (sum, event) => (isOf(PlacedV3, event) ? sum + event.data.totalMinor : sum),
    });
    const byCurrency = projection<{ sum: number }>({
      name: 'by-currency',
      keysOf: (event) => (isOf(PlacedV3, event) ? [event.data.currency] : []),
      evolve: (row, event) => ({ sum: (row?.sum ?? 0) + (event.data as PlacedV3).totalMinor }),
    });
    const newest: StoredEvent = {
      ...stored(),
      type: PlacedV3.type,
      data: { orderId: 'o2', totalMinor: 1, currency: 'EUR' },
    };
    const events = [stored(), newest].map((event) => upcasters.event(event));
    expect(fold(totals, events)).toBe(2000);
    expect(project(byCurrency, events)).toEqual(new Map([['EUR', { sum: 2000 }]]));
  });

  it('never shows an upcaster personal data, which is encrypted for the version that it was', () => {
    const seen: unknown[] = [];
    const looking = upcaster(PlacedV1, PlacedV2, (data) => {
      seen.push(data.buyer);
      return { orderId: data.orderId, totalMinor: 0 };
    });
    new Upcasters([looking]).event(stored());
    expect(seen).toEqual([null]);
  });

  it('is the same object when it is of the newest version or its content is archived', () => {
    const newest = { ...stored(), type: PlacedV3.type };
    const archived: StoredEvent = { ...stored(), data: null, archived: true };
    expect(upcasters.event(newest)).toBe(newest);
    expect(upcasters.event(archived)).toBe(archived);
  });

  it('that an upcaster fails on is named, without what it holds', () => {
    const failing = upcaster(PlacedV1, PlacedV2, (data) => {
      throw new TypeError(`secret ${data.orderId}`);
    });
    expect(() => new Upcasters([failing]).event(stored())).toThrow(
      expect.objectContaining({
        code: 'UPCAST_FAILED',
        message: `UPCAST_FAILED: ${PlacedV1.type} can't be read as ${PlacedV2.type}: TypeError`,
      }),
    );
  });
});

describe('the upcasters of a service', () => {
  const appended = [PlacedV1, PlacedV2, PlacedV3, contract('shop.v1.Paid'), contract('bank.v1.Placed')];

  it('are complete when each older version leads to the next', () => {
    expect(upcasters.problems(appended)).toEqual([]);
    expect(new Upcasters([]).problems([PlacedV3, contract('shop.v1.Paid')])).toEqual([]);
  });

  it('are refused with the version that could not be read and what is to be declared', () => {
    expect(new Upcasters([toV2]).problems(appended)).toEqual([
      "stored events of shop.v2.Placed can't be read as shop.v3.Placed: declare upcaster(shop.v2.Placed, shop.v3.Placed, …) in the service's upcasters",
    ]);
  });

  it('are refused when one jumps a version, leads to another event, or two read the same', () => {
    const jump = upcaster(PlacedV1, PlacedV3, ({ orderId }) => ({ orderId, totalMinor: 0, currency: '' }));
    const other = upcaster(PlacedV2, contract<object, 'shop.v3.Paid'>('shop.v3.Paid'), () => ({}));
    expect(new Upcasters([jump, other]).problems([])).toHaveLength(2);
    expect(new Upcasters([toV2, { ...toV2 }]).problems([])).toEqual([
      expect.stringContaining('one of two for shop.v1.Placed'),
    ]);
  });

  it('know which types read as one', () => {
    expect(upcasters.newest(PlacedV1.type)).toBe(PlacedV3.type);
    expect(upcasters.olderTypes(PlacedV3.type)).toEqual([PlacedV2.type, PlacedV1.type]);
    expect(upcasters.olderContract(PlacedV1.type)).toBe(PlacedV1);
    expect(upcasters.olderContract(PlacedV3.type)).toBeUndefined();
  });
});

function contract<T, Type extends string>(type: Type, pii: Contract['pii'] = []): Contract<T, Type> {
  const name = type.slice(type.lastIndexOf('.') + 1);
  const rest = { producers: ['shop'], retention: 'forever', prompt: {}, doc: '', schema: {} };
  return { type, name, kind: 'event', topic: 'shop.events', stream: 'order', key: 'orderId', pii, ...rest };
}
