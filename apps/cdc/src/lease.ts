import type pg from 'pg';
import { mayPublish, leaseMsMax, renewalMs, takeLease, type HeldLease } from './lease.decider.js';
import { formatLsn } from './lsn.js';
import type { SlotReading } from './slot-health.js';

/** What one beat tells. */
export interface Beat {
  /** where the write-ahead log ends now, as text */
  readonly walEnd: string;
  /** streams of `cdc.parked` that someone asked to release */
  readonly releasesWanted: boolean;
  readonly slot: SlotReading;
}

/** What the relay has reached, stored with each beat. */
export interface Reached {
  readonly slot: string;
  /** 0: nothing confirmed on this connection yet */
  readonly confirmed: bigint;
  readonly safeXid: string | undefined;
  /** much was written since the last note in the log from which a decoder can start */
  readonly startNoteDue: boolean;
}

/** Another relay holds the lease, or took it. */
export class LeaseHeld extends Error {
  readonly code = 'LEASE_HELD';

  constructor(message: string) {
    super(`LEASE_HELD: ${message}`);
    this.name = 'LeaseHeld';
  }
}

/**
 * One active relay: the row of `cdc.lease`, renewed every `renewalMs`. The same statement writes the heartbeat row that comes
 * back through the slot and stores what has been reached, so idling costs one small transaction each time.
 */
export class Lease {
  private renewedAt: number;
  private renewing: Promise<Beat> | undefined;
  private timer: NodeJS.Timeout | undefined;

  private constructor(
    private readonly pool: pg.Pool,
    private readonly holder: string,
    private readonly epoch: bigint,
    askedAt: number,
  ) {
    this.renewedAt = askedAt;
  }

  /**
   * Takes the lease when it is free, stale or `holder`'s own; a stale holder's walsender is ended, so that the slot is free.
   * @throws LeaseHeld when another relay renews it
   */
  static async take(pool: pg.Pool, holder: string, slot: string): Promise<Lease> {
    const askedAt = performance.now();
    const found = await currentLease(pool);
    const epoch = takeLease(found, holder);
    if (epoch === undefined || !(await claim(pool, holder, epoch, found))) {
      throw new LeaseHeld('another relay is active; this one stands by');
    }
    await endWalsender(pool, slot);
    return new Lease(pool, holder, epoch, askedAt);
  }

  /** Renews every `renewalMs` with what `reached` says then; `onLost` is told once, when the lease is gone or can't be renewed. */
  keep(reached: () => Reached, onBeat: (beat: Beat) => void, onLost: (error: Error) => void): void {
    const beat = (): void => {
      this.renewing ??= this.renew(reached()).finally(() => (this.renewing = undefined));
      this.renewing.then(onBeat, onLost);
    };
    this.timer = setInterval(beat, renewalMs);
    beat();
  }

  /** Renewed recently enough to publish without asking. */
  get fresh(): boolean {
    return mayPublish(performance.now() - this.renewedAt);
  }

  /** Resolves while this relay may publish: at once when the lease is fresh, else after its renewal. */
  async permitted(): Promise<void> {
    if (this.fresh) return;
    await this.renewing;
    if (this.fresh) return;
    throw new LeaseHeld(`not renewed for ${leaseMsMax} ms; another relay may have taken over`);
  }

  /**
   * Runs a statement that takes its row from `held`, so that it does nothing once the lease is another's; returns rows.
   * $1 and $2 are taken.
   * @throws LeaseHeld when it is
   */
  async whileHeld(pool: pg.Pool, statement: string, values: readonly unknown[]): Promise<void> {
    const { rows } = await pool.query<{ held: boolean }>(
      `with held as (select 1 from cdc.lease where id = 1 and holder = $1 and epoch = $2 for update), done as (${statement})
       select exists (select from held) as held, (select count(*) from done) as done`,
      [this.holder, this.epoch, ...values],
    );
    if (!rows[0]?.held) throw new LeaseHeld('another relay has taken over');
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Gives the lease back, so that a successor need not wait. */
  async release(): Promise<void> {
    this.stop();
    await this.pool.query(`update cdc.lease set renewed_at = '-infinity' where id = 1 and holder = $1 and epoch = $2`, [
      this.holder,
      this.epoch,
    ]);
  }

  private async renew({ slot, confirmed, safeXid, startNoteDue }: Reached): Promise<Beat> {
    const askedAt = performance.now();
    const { rows } = await this.pool.query<BeatRow>({
      name: 'beat',
      text: beatStatement,
      values: [
        this.holder,
        this.epoch,
        slot,
        confirmed === 0n ? null : formatLsn(confirmed),
        safeXid ?? null,
        startNoteDue,
      ],
    });
    const row = rows[0];
    if (!row?.held) throw new LeaseHeld('another relay has taken over');
    this.renewedAt = askedAt;
    return {
      walEnd: row.wal_end,
      releasesWanted: row.releases_wanted,
      slot: {
        retainedBytes: Number(row.retained_bytes ?? 0),
        safeBytes: row.safe_bytes === null ? undefined : Number(row.safe_bytes),
        keptBytesMax: row.kept_mb_max === '-1' ? undefined : Number(row.kept_mb_max) * 1024 ** 2,
        oldestXid: row.oldest_xid,
      },
    };
  }
}

/** The lease with its time as text, which tells whether it was renewed since. */
async function currentLease(pool: pg.Pool): Promise<(HeldLease & { renewedAt: string }) | undefined> {
  const { rows } = await pool.query<{ holder: string; epoch: string; renewed_at: string; age_ms: number }>(
    `select holder, epoch, renewed_at::text, extract(epoch from clock_timestamp() - renewed_at)::float8 * 1000 as age_ms
     from cdc.lease where id = 1`,
  );
  const [row] = rows;
  return row && { holder: row.holder, epoch: BigInt(row.epoch), renewedAt: row.renewed_at, ageMs: row.age_ms };
}

/** False when it was renewed or taken since `found` was read. No lock: a standby stopped with one would stop the holder. */
async function claim(
  pool: pg.Pool,
  holder: string,
  epoch: bigint,
  found: { epoch: bigint; renewedAt: string } | undefined,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into cdc.lease (id, holder, epoch, renewed_at) values (1, $1, $2, clock_timestamp())
     on conflict (id) do update set holder = $1, epoch = $2, renewed_at = clock_timestamp()
     where lease.epoch = $3 and lease.renewed_at = $4::timestamptz`,
    [holder, epoch, found?.epoch ?? null, found?.renewedAt ?? null],
  );
  return rowCount === 1;
}

/** Without the right to end it (another role's), the slot stays in use and starting the stream says so. */
async function endWalsender(pool: pg.Pool, slot: string): Promise<void> {
  try {
    await pool.query(
      'select pg_terminate_backend(active_pid) from pg_replication_slots where slot_name = $1 and active_pid is not null',
      [slot],
    );
  } catch (error) {
    if ((error as { code?: string }).code !== '42501') throw error;
  }
}

interface BeatRow {
  readonly held: boolean;
  readonly wal_end: string;
  readonly releases_wanted: boolean;
  readonly retained_bytes: string | null;
  readonly safe_bytes: string | null;
  readonly kept_mb_max: string;
  readonly oldest_xid: string;
}

/**
 * A walsender starts to decode where the slot's last confirmed note of the running transactions stands. Postgres writes one every
 * 15 s; under load that is a lot to decode again after a kill, so the relay asks for more of them.
 */
const beatStatement = `
  with held as (
    update cdc.lease set renewed_at = clock_timestamp() where id = 1 and holder = $1 and epoch = $2 returning true
  ), heartbeat as (
    insert into cdc.heartbeat (id, beat_at, safe_xid)
    select 1, clock_timestamp(), pg_snapshot_xmin(pg_current_snapshot()) from held
    on conflict (id) do update set beat_at = excluded.beat_at, safe_xid = excluded.safe_xid
  ), progress as (
    insert into cdc.progress (slot, lsn, safe_xid) select $3, $4::pg_lsn, $5::xid8 from held where $4 is not null
    on conflict (slot) do update set lsn = excluded.lsn, safe_xid = coalesce(excluded.safe_xid, progress.safe_xid),
      updated_at = clock_timestamp()
  )
  select exists (select from held) as held, pg_current_wal_lsn()::text as wal_end,
    exists (select from cdc.parked where released_at is null and released_by is not null) as releases_wanted,
    slot.retained_bytes, slot.safe_bytes,
    (select setting from pg_settings where name = 'max_slot_wal_keep_size') as kept_mb_max,
    pg_snapshot_xmin(pg_current_snapshot())::text as oldest_xid,
    case when $6::boolean and exists (select from held) and has_function_privilege('pg_log_standby_snapshot()', 'execute')
      then pg_log_standby_snapshot() end as start_note
  from (select) here left join (
    select safe_wal_size::text as safe_bytes, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::text as retained_bytes
    from pg_replication_slots where slot_name = $3
  ) slot on true`;
