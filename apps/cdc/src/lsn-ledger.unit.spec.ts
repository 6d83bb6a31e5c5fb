import fc from 'fast-check';
import { LsnLedger, type OpenTransaction } from './lsn-ledger.js';

interface Row {
  readonly end: bigint;
  readonly transaction: OpenTransaction;
  acknowledged: boolean;
}

/** Transactions with these numbers of rows, each followed by a keepalive; acknowledged in the order that `picks` says. */
function replay(
  sizes: number[],
  picks: number[],
  check: (ledger: LsnLedger, rows: Row[], ends: bigint[]) => void,
): void {
  const ledger = new LsnLedger();
  const rows: Row[] = [];
  const ends: bigint[] = [];
  let position = 0n;
  let next = 0;
  const acknowledgeOne = (): void => {
    const open = rows.filter((row) => !row.acknowledged);
    const row = open[(picks[next++ % picks.length] ?? 0) % Math.max(1, open.length)];
    if (!row) return;
    row.acknowledged = true;
    ledger.acknowledge(row.transaction);
  };
  for (const size of sizes) {
    ledger.begin();
    const end = position + 100n;
    for (let i = 0; i < size; i += 1) {
      rows.push({ end, transaction: ledger.row(), acknowledged: false });
      ledger.keepalive(position + 50n);
      if (((picks[next] ?? 0) & 1) === 1) acknowledgeOne();
      check(ledger, rows, ends);
    }
    ledger.commit(end);
    ends.push(end);
    ledger.keepalive(end + 10n);
    ends.push(end + 10n);
    check(ledger, rows, ends);
    position = end + 20n;
  }
  while (rows.some((row) => !row.acknowledged)) {
    acknowledgeOne();
    check(ledger, rows, ends);
  }
  check(ledger, rows, ends);
  expect(ledger.confirmed).toBe(ends.at(-1) ?? 0n);
  expect(ledger.unconfirmed).toBe(0);
}

describe('LsnLedger', () => {
  it('never confirms past an unacknowledged row, only at ends of transactions, and everything in the end', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 60 }),
        (sizes, picks) => {
          let before = 0n;
          replay(sizes, picks, (ledger, rows, ends) => {
            const firstOpen = rows.find((row) => !row.acknowledged);
            if (firstOpen) expect(ledger.confirmed).toBeLessThan(firstOpen.end);
            expect([0n, ...ends]).toContain(ledger.confirmed);
            expect(ledger.confirmed).toBeGreaterThanOrEqual(before);
            before = ledger.confirmed;
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('makes a heartbeat safe only when all rows before it are acknowledged', () => {
    const ledger = new LsnLedger();
    ledger.begin();
    const row = ledger.row();
    ledger.commit(10n);
    ledger.begin();
    ledger.heartbeat({ safeXid: '771', beatAt: 1_000 });
    ledger.commit(20n);
    expect([ledger.safeXid, ledger.beatAt]).toEqual([undefined, undefined]);
    ledger.acknowledge(row);
    expect([ledger.safeXid, ledger.beatAt]).toEqual(['771', 1_000]);
    expect(ledger.confirmed).toBe(20n);
  });

  it('ignores what a keepalive says inside a transaction', () => {
    const ledger = new LsnLedger();
    ledger.begin();
    ledger.acknowledge(ledger.row());
    ledger.keepalive(99n);
    expect(ledger.confirmed).toBe(0n);
    ledger.commit(50n);
    expect(ledger.confirmed).toBe(50n);
  });

  it('keeps no memory of confirmed transactions', () => {
    const ledger = new LsnLedger();
    for (let i = 1; i <= 10_000; i += 1) {
      ledger.begin();
      ledger.acknowledge(ledger.row());
      ledger.commit(BigInt(i));
    }
    expect(ledger.unconfirmed).toBe(0);
    expect(ledger.confirmed).toBe(10_000n);
  });
});
