import { AccountFrozen } from '@towpath/contracts/fraud/AccountFrozen.v1';
import { DeadLettered } from '@towpath/contracts/platform/DeadLettered.v1';
import { snapshotOf } from './snapshot.js';
import type { StoredEvent } from './types.js';

const event = (type: string, version: number): StoredEvent =>
  ({ type, version, hash: Buffer.from([version]) }) as unknown as StoredEvent;
const facts = [event(AccountFrozen.type, 1), event(AccountFrozen.type, 2)];

describe('a snapshot', () => {
  it('is of the last event that was folded', () => {
    expect(snapshotOf('account-1', facts, { a: 1 })).toEqual({
      ...{ stream: 'account-1', version: 2, hash: Buffer.from([2]), state: { a: 1 } },
    });
  });

  it.each([[{ a: undefined }], [new Map()], [{ at: new Date(0) }], [Number.NaN], [-0], [undefined]])(
    'is not kept of %p, which JSON does not give back as it is',
    (state) => {
      expect(snapshotOf('account-1', facts, state)).toBeUndefined();
    },
  );

  it('is not kept of events whose content leaves the store: a whole fold would give another state then', () => {
    expect(snapshotOf('dead-letter-1', [...facts, event(DeadLettered.type, 3)], {})).toBeUndefined();
    expect(snapshotOf('order-1', [event('shop.v1.Unknown', 1)], {})).toBeUndefined();
    expect(snapshotOf('account-1', [], {})).toBeUndefined();
  });
});
