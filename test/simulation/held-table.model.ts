import type { Claim, Lane } from '@towpath/event-store/held-types';
import { hold } from './simulate.js';

/** A message that waits, as the table `held` has it. */
export interface HeldRow {
  readonly seq: number;
  readonly lane: Lane;
  readonly key: string;
  /** number of the message in the log */
  readonly message: number;
  nextAt: number;
  attempts: number;
  fence: number;
  leasedUntil: number | undefined;
  lost: number;
  /** redriven: what made it fail is repaired */
  readonly mended: boolean;
  /** the dead letter that stops the key */
  stoppedBy: string | undefined;
}

/** What the decisions say of the messages that wait, by what it means; how SQL says it is held on Postgres. */
export class HeldTable {
  rows: HeldRow[] = [];
  private lastSeq = 0;

  /** Behind those of its key; or, for a redriven message, in the place of the row that its dead letter stopped. */
  add(
    row: Pick<HeldRow, 'lane' | 'key' | 'message' | 'mended' | 'nextAt' | 'attempts' | 'stoppedBy'>,
    replaces?: string,
  ): void {
    const place = this.rows.find(({ stoppedBy }) => replaces !== undefined && stoppedBy === replaces);
    if (place) this.remove(place);
    const seq = place?.seq ?? ++this.lastSeq;
    // A lease of the row that stood there is none of its successor.
    const fence = place ? place.fence + 1 : 0;
    this.rows.push({ ...row, seq, fence, leasedUntil: undefined, lost: 0 });
    this.rows.sort((one, another) => one.seq - another.seq);
  }

  /** The row of a lease that is still the caller's. */
  under({ seq, fence }: Claim): HeldRow | undefined {
    return this.rows.find((row) => row.seq === Number(seq) && row.fence === Number(fence));
  }

  remove(row: HeldRow): void {
    this.rows = this.rows.filter((one) => one !== row);
  }

  failed(row: HeldRow, nextAt: number, stoppedBy: string | undefined): void {
    Object.assign(row, { nextAt, stoppedBy, attempts: row.attempts + 1, leasedUntil: undefined, lost: 0 });
  }

  /** Leases the heads that are due, at most so many. */
  claim(now: number, leaseMs: number, limit: number): HeldRow[] {
    const due = this.rows.filter((row) => this.isHead(row) && row.stoppedBy === undefined && row.nextAt <= now);
    const free = due.filter(({ leasedUntil }) => leasedUntil === undefined || leasedUntil < now).slice(0, limit);
    for (const row of free) {
      row.lost += row.leasedUntil === undefined ? 0 : 1;
      row.fence += 1;
      row.leasedUntil = now + leaseMs;
    }
    hold(new Set(free.map(({ lane, key }) => `${lane} ${key}`)).size === free.length, 'one worker at a key');
    return free.map((row) => ({ ...row }));
  }

  /** A stopping replica gives its leases back. */
  release(claims: readonly Claim[]): void {
    for (const claim of claims) {
      const row = this.under(claim);
      if (row) Object.assign(row, { leasedUntil: undefined, fence: row.fence + 1 });
    }
  }

  /** Keys of the lane `inline` with messages that wait, each with what stops it. */
  keys(): Map<string, string | null> {
    const heads = this.rows.filter((row) => row.lane === 'inline' && this.isHead(row));
    return new Map(heads.map(({ key, stoppedBy }) => [key, stoppedBy ?? null]));
  }

  private isHead(row: HeldRow): boolean {
    return this.rows.find(({ lane, key }) => lane === row.lane && key === row.key) === row;
  }
}
