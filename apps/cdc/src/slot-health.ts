import type { Logger } from '@towpath/service-kit/logger';

/** What Postgres says of the slot's room and of open transactions. */
export interface SlotReading {
  /** bytes of log that may still be written before the slot is given up; undefined: no limit is set */
  readonly safeBytes: number | undefined;
  /** `max_slot_wal_keep_size`; undefined: no limit is set */
  readonly keptBytesMax: number | undefined;
  /** log that is kept for the slot */
  readonly retainedBytes: number;
  /** oldest transaction that is open; what catch-up would start from comes no further */
  readonly oldestXid: string;
}

const usedShareAlarm = 0.5;
/** The alarm ends below it, so that it does not flap. */
const usedShareCalm = 0.4;
const xidMsMax = 60_000;

/** Tells once when the slot has used half of the log it may hold back, and when an open transaction stops `safe_xid`. */
export class SlotHealth {
  private reading: SlotReading | undefined;
  private alarmed = false;
  private oldestSince = 0;
  private stuckTold = false;

  constructor(private readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>) {}

  get retainedBytes(): number {
    return this.reading?.retainedBytes ?? 0;
  }

  get safeBytes(): number {
    return this.reading?.safeBytes ?? 0;
  }

  /** Share of the log the slot may hold back that is used; 0 without a limit. */
  get usedShare(): number {
    const { safeBytes, keptBytesMax } = this.reading ?? {};
    if (safeBytes === undefined || !keptBytesMax) return 0;
    return Math.min(1, Math.max(0, 1 - safeBytes / keptBytesMax));
  }

  /** Milliseconds that the oldest open transaction has been the same. */
  oldestAgeMs(nowMs: number): number {
    return this.reading ? nowMs - this.oldestSince : 0;
  }

  observe(reading: SlotReading, nowMs: number): void {
    if (reading.oldestXid !== this.reading?.oldestXid) {
      this.oldestSince = nowMs;
      this.stuckTold = false;
    }
    this.reading = reading;
    this.tellRoom();
    this.tellStuck(nowMs);
  }

  private tellRoom(): void {
    const { usedShare, safeBytes } = this;
    const fields = { used_share: Number(usedShare.toFixed(2)), safe_bytes: safeBytes };
    if (!this.alarmed && usedShare >= usedShareAlarm) {
      this.alarmed = true;
      this.logger.error(
        { ...fields, code: 'SLOT_WAL_HALF_USED', alert: true },
        'relay.slot_filling: Postgres gives the slot up when no room is left; see why rows are not acknowledged, or raise max_slot_wal_keep_size',
      );
    } else if (this.alarmed && usedShare < usedShareCalm) {
      this.alarmed = false;
      this.logger.info(fields, 'relay.slot_roomy');
    }
  }

  private tellStuck(nowMs: number): void {
    const heldMs = this.oldestAgeMs(nowMs);
    if (this.stuckTold || heldMs < xidMsMax) return;
    this.stuckTold = true;
    this.logger.warn(
      { code: 'SAFE_XID_STUCK', xid: this.reading?.oldestXid, held_ms: heldMs, alert: true },
      'relay.safe_xid_stuck: a transaction stays open, so a catch-up would repeat all that was published since; find it with: select pid, state, xact_start, query from pg_stat_activity where backend_xid is not null order by xact_start',
    );
  }
}
