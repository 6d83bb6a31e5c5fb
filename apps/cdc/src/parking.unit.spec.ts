import { captureRow } from './event-row.fixture.js';
import { ParkingLot } from './parking.js';
import { Refusal } from './refusal.js';

const unknown = new Refusal('CONTRACT_UNKNOWN', 'nobody knows it');

function lot() {
  const stored: string[] = [];
  const alerts: object[] = [];
  const gate: { open(): void; closed: Promise<void> } = { open: () => undefined, closed: Promise.resolve() };
  const close = (): void => {
    gate.closed = new Promise((resolve) => (gate.open = resolve));
  };
  const parking = ParkingLot.of(
    async (rows) => {
      await gate.closed;
      stored.push(...rows.map(({ row, reason }) => `${row.version} ${reason.split(':')[0]}`));
    },
    { error: (fields: object) => alerts.push(fields) },
    () => undefined,
  );
  return { parking, stored, alerts, close, open: () => gate.open() };
}

describe('ParkingLot', () => {
  it('holds all later versions of a parked stream, and only of that stream', () => {
    const { parking } = lot();
    parking.park(captureRow({ version: 4 }), unknown, () => undefined);
    expect(parking.holds(captureRow({ version: 5 }))).toBe(true);
    expect(parking.holds(captureRow({ version: 5, stream: 'payment-command-cus_2' }))).toBe(false);
    expect(parking.holds(captureRow({ version: 5, schema: 'triage' }))).toBe(false);
  });

  it('lets a repeat of an earlier version pass', () => {
    const { parking } = lot();
    parking.park(captureRow({ version: 4 }), unknown, () => undefined);
    expect(parking.holds(captureRow({ version: 3 }))).toBe(false);
  });

  it('stores in order and counts a row as dealt with only when it is stored', async () => {
    const { parking, stored, close, open } = lot();
    close();
    const settled: number[] = [];
    const last = new Promise<void>((resolve) => {
      parking.park(captureRow({ version: 4 }), unknown, () => settled.push(4));
      parking.parkBehind(captureRow({ version: 5 }), () => settled.push(5));
      parking.parkBehind(captureRow({ version: 6 }), () => resolve());
    });
    expect(settled).toEqual([]);
    open();
    await last;
    expect(settled).toEqual([4, 5]);
    expect(stored).toEqual(['4 CONTRACT_UNKNOWN', '5 BEHIND_PARKED', '6 BEHIND_PARKED']);
  });

  it('alerts once per stream', () => {
    const { parking, alerts } = lot();
    parking.park(captureRow({ version: 4 }), unknown, () => undefined);
    parking.park(captureRow({ version: 5 }), unknown, () => undefined);
    parking.park(captureRow({ version: 1, stream: 'other-1' }), unknown, () => undefined);
    expect(alerts).toHaveLength(2);
    expect(alerts[0]).toMatchObject({ alert: true, code: 'CONTRACT_UNKNOWN', version: 4 });
  });

  it('does not free a stream of which a row is just being stored', async () => {
    const { parking, close, open } = lot();
    close();
    const stored = new Promise<void>((resolve) => parking.park(captureRow({ version: 4 }), unknown, resolve));
    expect(parking.free('fraud', 'payment-command-cus_1')).toBe(false);
    open();
    await stored;
    expect(parking.free('fraud', 'payment-command-cus_1')).toBe(true);
    expect(parking.holds(captureRow({ version: 5 }))).toBe(false);
  });
});
