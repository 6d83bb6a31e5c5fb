import { createHash } from 'node:crypto';
import { openArchivist, type Archivist } from '@towpath/event-store/archive/archivist';
import { runRetention, type StoreRetention } from '@towpath/event-store/archive/retention-run';
import { createSpecDatabase, type SpecDatabase } from '@towpath/event-store/spec-database';
import type { InboxRow, NewEvent } from '@towpath/event-store/types';
import { forgettable, markOf, withForgotten } from './pipeline/forgotten.js';
import type { Item } from './pipeline/item.js';
import { itemOf } from './pipeline/pipeline.fixture.js';

const DAY_MS = 86_400_000;
const CONSUMER = 'aged';

/** A record of a topic that is kept for ever: it can come again after any time. */
export interface Incoming {
  readonly id: string;
  readonly stream: string;
  readonly sequence: number;
  readonly time: Date;
}

/** Sizes of a store, bytes, of tables with their indexes. */
export interface Sizes {
  readonly events: number;
  readonly inbox: number;
  /** data and metadata of events that are kept for a time */
  readonly passing: number;
  /** of these tables: rows of facts, rows of stubs, each with its share of the indexes */
  readonly fact: number;
  readonly stub: number;
}

/**
 * A store whose days pass as fast as they are asked for. They lie in the past, for no function takes a time to come; what
 * was appended is moved to its day past the triggers, by the database's superuser.
 */
export class AgedStore {
  private constructor(
    readonly database: SpecDatabase,
    private readonly archivist: Archivist,
    private readonly folder: string,
    private readonly firstDay: Date,
  ) {}

  static async create(folder: string, days: number): Promise<AgedStore> {
    const database = await createSpecDatabase();
    const archivist = openArchivist({ url: database.urlAs('towpath_archivist') });
    const today = new Date().setUTCHours(0, 0, 0, 0);
    return new AgedStore(database, archivist, folder, new Date(today - days * DAY_MS));
  }

  async drop(): Promise<void> {
    await this.archivist.close();
    await this.database.drop();
  }

  /** Noon of a day. */
  timeOf(day: number): Date {
    return new Date(this.firstDay.getTime() + (day + 0.5) * DAY_MS);
  }

  /** What the scheduled run does on that day. */
  async keep(day: number): Promise<StoreRetention> {
    const options = { folder: this.folder, services: [this.database.service], asOf: this.timeOf(day) };
    return (await runRetention(this.archivist, options))[0]!;
  }

  /** One commit of that day, published at once. */
  async commit(day: number, incoming: readonly Incoming[], events: readonly NewEvent[]): Promise<void> {
    const { store, service, admin } = this.database;
    await store.commitGroup({ consumer: CONSUMER, inbox: incoming.map((one) => this.rowOf(one)), events });
    const time = this.timeOf(day).toISOString();
    await admin(`set session_replication_role = replica;
      update ${service}.events set appended_at = '${time}' where appended_at > '${time}' and archived_at is null and xact >=
        (select coalesce(max(safe_xid), '3') from cdc.progress);
      update ${service}.inbox set received_at = '${time}' where day = '${time.slice(0, 10)}';
      insert into cdc.progress (slot, lsn, safe_xid) values ('spec', '0/0', pg_snapshot_xmin(pg_current_snapshot()))
        on conflict (slot) do update set safe_xid = excluded.safe_xid`);
  }

  /** Whether the service would drop it as a repeat on that day, and by what. */
  async repeatBy(day: number, incoming: Incoming): Promise<'inbox' | 'mark' | undefined> {
    const { store } = this.database;
    const item = this.itemOf(incoming);
    const { seen } = await store.loadGroup({ consumer: CONSUMER, ids: [this.rowOf(incoming)], streams: [], rows: [] });
    if (seen.has(incoming.id)) return 'inbox';
    const old = forgettable([item], this.timeOf(day));
    const marks = await store.inboxMarks(
      CONSUMER,
      old.map(({ inbox }) => inbox!.mark!.key),
    );
    return withForgotten(seen, old, marks).has(incoming.id) ? 'mark' : undefined;
  }

  /** As autovacuum does. */
  async vacuum(): Promise<void> {
    await this.database.admin(`vacuum ${this.database.service}.events`);
  }

  async sizes(): Promise<Sizes> {
    const { admin, service } = this.database;
    const [row] = await admin(
      `with rows as (
         select avg(pg_column_size(e.*)) filter (where appended_at is null) as fact, avg(pg_column_size(e.*)) filter (where archived_at is not null) as stub,
           pg_indexes_size('${service}.events') / count(*) as indexes from ${service}.events e
       ) select round(fact + indexes)::int as fact, round(stub + indexes)::int as stub, pg_total_relation_size('${service}.events')::int as events,
         (select sum(pg_total_relation_size(relid))::int from pg_partition_tree('${service}.inbox')) as inbox,
         (select coalesce(sum(pg_column_size(data) + pg_column_size(metadata)), 0)::int from ${service}.events where appended_at is not null) as passing from rows`,
    );
    return row as unknown as Sizes;
  }

  private rowOf({ id, time, ...place }: Incoming): InboxRow {
    const fingerprint = createHash('sha256').update(id).digest();
    const mark = markOf({ topic: 'payments.events' }, { source: '/services/upstream', type: 'spec.v1.Opened' }, place)!;
    return { eventId: id, day: time.toISOString().slice(0, 10), fingerprint, mark };
  }

  private itemOf(incoming: Incoming): Item {
    const item = itemOf(incoming.id, 'k');
    const { fingerprint, mark } = this.rowOf(incoming);
    return {
      ...item,
      message: { ...item.message, time: incoming.time },
      inbox: { id: incoming.id, fingerprint, mark: mark! },
    };
  }
}
