import { openInspector } from '@towpath/event-store/inspect';
import { parkedStreams } from '@towpath/event-store/parked';
import type { Addresses } from '../addresses.js';
import type { Context } from '../context.js';
import { databaseUrl } from '../local/service-environment.js';

interface Progress {
  readonly holder: string | null;
  readonly renewed_ms: number | null;
  readonly wal_status: string | null;
  readonly behind_bytes: string | null;
  readonly catching_up: boolean | null;
  /** what topics hold and the stores do not */
  readonly behind: Gap | null;
}

interface Gap {
  readonly events: number;
  readonly diverged: number;
  readonly streams: readonly {
    readonly topic: string;
    readonly schema: string;
    readonly stream: string;
    readonly first: number;
    readonly last: number;
    readonly missing: number;
    readonly diverged: number;
  }[];
}

/** One line of the relay, then one per parked stream. */
export async function showStatus(context: Context, addresses: Addresses): Promise<void> {
  const inspector = openInspector({ url: databaseUrl(addresses, 'towpath_reader') });
  try {
    const [progress] = await inspector.query<Progress>(progressText, []);
    context.show(progressLine(progress), { relay: progress ?? null });
    for (const ahead of progress?.behind?.streams ?? []) context.show(aheadLine(ahead), ahead);
    for (const parked of await parkedStreams(inspector)) {
      const { schema, stream, events, firstVersion, reason, releaseAskedBy } = parked;
      const asked = releaseAskedBy === null ? '' : `  (${releaseAskedBy} asked for its release)`;
      context.show(
        `parked  ${schema}/${stream}  ${events} events from version ${firstVersion}  ${reason}${asked}`,
        parked,
      );
    }
  } finally {
    await inspector.close();
  }
}

function aheadLine({ topic, schema, stream, first, last, missing, diverged }: Gap['streams'][number]): string {
  const other = diverged === 0 ? '' : `, ${diverged} with something else in its place`;
  return `ahead   ${topic}  ${schema}/${stream}  versions ${first} to ${last}: ${missing} not in the store${other}`;
}

function progressLine(progress: Progress | undefined): string {
  if (progress?.holder == null) return 'no relay has run yet';
  const {
    holder,
    renewed_ms: renewedMs,
    wal_status: walStatus,
    behind_bytes: behind,
    behind: gap,
    catching_up: catchingUp,
  } = progress;
  if (gap) {
    return `relay  publishes nothing (STORE_BEHIND_TOPICS): topics hold ${gap.events} events that the stores do not, ${gap.diverged} of them in places that the stores gave to others`;
  }
  if (renewedMs === null) return `relay  nobody publishes; ${holder} gave the lease back`;
  if (catchingUp) return `relay  ${holder} catches up from the tables after its slot was lost`;
  return `relay  ${holder}, lease renewed ${Math.round(renewedMs)} ms ago, slot ${walStatus ?? 'missing'}, ${behind ?? '?'} bytes behind`;
}

const progressText = `
  select lease.holder, wal_status, pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn)::text as behind_bytes,
    case when renewed_at = '-infinity' then null
      else extract(epoch from clock_timestamp() - renewed_at)::float8 * 1000 end as renewed_ms,
    (select detail ? 'catchUp' from cdc.progress where slot = 'towpath_relay') as catching_up,
    (select behind from cdc.progress where slot = 'towpath_relay') as behind
  from (select 1) as one left join cdc.lease on lease.id = 1
    left join pg_replication_slots on slot_name = 'towpath_relay'`;
