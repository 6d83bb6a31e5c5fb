import { SlotHealth, type SlotReading } from './slot-health.js';

describe('the health of the slot', () => {
  let lines: string[];
  let health: SlotHealth;

  beforeEach(() => {
    lines = [];
    const tell = (fields: object): void => void lines.push((fields as { code?: string }).code ?? 'calm');
    health = new SlotHealth({ info: tell, warn: tell, error: tell } as never);
  });

  function reading(safeBytes: number | undefined, oldestXid = '7'): SlotReading {
    return { retainedBytes: 0, safeBytes, keptBytesMax: safeBytes === undefined ? undefined : 1_000, oldestXid };
  }

  it('raises the alarm once at half of the limit, again only after it was calm', () => {
    for (const [index, safe] of [900, 501, 500, 200, 550, 601, 400].entries()) {
      health.observe(reading(safe, String(index)), index);
    }
    expect(lines).toEqual(['SLOT_WAL_HALF_USED', 'calm', 'SLOT_WAL_HALF_USED']);
    expect(health.usedShare).toBeCloseTo(0.6);
  });

  it('is quiet where no limit is set', () => {
    health.observe(reading(undefined), 0);
    expect(lines).toEqual([]);
    expect(health.usedShare).toBe(0);
  });

  it('tells once per transaction that stays open for a minute', () => {
    for (const [xid, now] of [
      ['7', 0],
      ['7', 59_999],
      ['7', 60_000],
      ['7', 90_000],
      ['8', 91_000],
      ['8', 150_000],
      ['8', 151_000],
    ] as const)
      health.observe(reading(900, xid), now);
    expect(lines).toEqual(['SAFE_XID_STUCK', 'SAFE_XID_STUCK']);
  });
});
